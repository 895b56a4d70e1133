// Dot: the product of two inputs over an axis of each, sample by sample.

import AssayGraph
import AssayOperators
import AssayTensors

/// y = Σ x₁ · x₂ over the axes; the cosine where `normalize` says so.
struct DotLayer: KerasLayer {
    static let classNames = ["Dot"]

    private let axes: [Int]
    private let normalizes: Bool

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        let axes = try configuration.integers("axes") ?? []
        guard (1...2).contains(axes.count) else { throw configuration.invalid("axes", expected: "one axis or two") }
        self.axes = axes.count == 1 ? axes + axes : axes
        normalizes = try configuration.boolean("normalize", default: false)
    }

    var supportsMasking: Bool { true }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        var inputs = call.inputs
        guard inputs.count == 2 else { throw call.configuration.unsupported("takes two inputs, found \(inputs.count)") }
        var terms: [[Character]] = []
        var summed: [Int] = []
        let letters = Array("abcdefghijklmnopqrstuvwxyz")
        for (index, input) in inputs.enumerated() {
            let rank = try call.shape(of: input).count
            guard (2...12).contains(rank) else { throw call.configuration.unsupported("has an input of \(rank) axes") }
            let axis = try call.resolved(axis: axes[index], rank: rank)
            guard axis > 0 else { throw call.configuration.invalid("axes", expected: "axes behind the batch") }
            summed.append(axis)
            // a is the batch, z the sum; the others have letters of their own.
            terms.append((0..<rank).map { $0 == 0 ? "a" : $0 == axis ? "z" : letters[$0 + 12 * index] })
            if normalizes { inputs[index] = try normalized(input, axis, call) }
        }
        let kept = terms[0].filter { $0 != "z" } + terms[1].filter { $0 != "a" && $0 != "z" }
        let equation = "\(String(terms[0])),\(String(terms[1]))->\(String(kept))"
        let y = try call.add(Einsum(equation: equation), inputs[0], inputs[1])
        return [kept.count == 1 ? try call.add(ExpandDims(axes: [1]), y) : y]
    }

    /// Lines of length one; the smallest divisor is that of the generation.
    private func normalized(_ x: ValueID, _ axis: Int, _ call: KerasCall) throws(AssayError) -> ValueID {
        try call.add(UnitNormalization(axes: [axis], epsilon: call.generation == .keras3 ? 1e-14 : 1e-12), x)
    }

    /// A product has no steps that could be masked.
    func outputMasks(_ call: KerasCall, outputs: [ValueID], previous: [ValueID?]) throws(AssayError) -> [ValueID?] {
        [nil]
    }
}
