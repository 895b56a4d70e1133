// What does not fit an architecture, as defects of the model.

import AssayGraph
import AssayTensors

extension Recognition {
    /// All that keeps the model from being this architecture.
    public var defects: [Defect] {
        missing.map(defect) + (checkpoint?.misshapen ?? []).map(defect) + contradictions.map(defect)
    }

    private func defect(_ contradiction: Contradiction) -> Defect {
        Defect(
            layer: contradiction.layer,
            error: .unreadable(
                "contradicts \(contradiction.dimension) of \(specification.name)",
                expected: "\(contradiction.first.value) by \(contradiction.first.place)",
                found: "\(contradiction.second.value) by \(contradiction.second.place)", object: contradiction.layer),
            witnesses: [contradiction.first.place, contradiction.second.place], code: "dimension-contradiction")
    }

    private func defect(_ missing: MissingParameter) -> Defect {
        let message =
            missing.isBlock ? "a block is missing, with all its tensors" : "\(specification.name) needs this tensor"
        return Defect(
            layer: missing.path,
            error: .unreadable(
                message, expected: missing.shape, found: missing.shape == nil ? nil : "no such tensor",
                object: missing.path),
            witnesses: missing.witnesses, code: missing.isBlock ? "missing-block" : "missing-tensor")
    }

    private func defect(_ tensor: MisshapenTensor) -> Defect {
        let (message, code) =
            switch tensor.kind {
            case .transposed: ("is transposed: its axes stand in the opposite order", "transposed-tensor")
            case .swapped(let other): ("is exchanged with \(other)", "swapped-tensors")
            case .rank: ("has another number of axes", "wrong-rank")
            }
        return Defect(
            layer: tensor.name,
            error: .unreadable(message, expected: tensor.expected, found: tensor.found, object: tensor.name),
            witnesses: tensor.witnesses, code: code)
    }
}
