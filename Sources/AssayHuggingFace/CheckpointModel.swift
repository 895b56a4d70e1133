// A checkpoint of a known architecture becomes a model with a graph.

import AssayArchitectures
import AssayGraph
import AssayTensors
import OrderedCollections

extension Model {
    /// Gives the model the graph of the architecture that it was recognised as. What does not fit becomes a defect, and then
    /// there is no graph.
    ///
    /// - Parameter configuration: `config.json`, where there is one.
    mutating func assemble(as recognition: Recognition, _ configuration: HuggingFaceConfiguration?) {
        defects += recognition.defects
        guard let checkpoint = recognition.checkpoint, defects.isEmpty else { return }
        do throws(AssayError) {
            try refuseUnknown(recognition, checkpoint, configuration)
            let built = try recognition.specification.graph(
                head: checkpoint.head, values: checkpoint.values, store: CheckpointStore(tensors, checkpoint.sketch))
            graph = built.graph
            parameters = built.parameters
            provenance.attributes[Model.recognisedKey] = .string(recognition.specification.name)
            if configuration == nil { name = checkpoint.className }
        } catch {
            graphAbsence = absence(error, recognition, isConfigured: configuration != nil)
            if error.code == .unreadable, configuration != nil {
                defects.append(Defect(layer: error.location.object ?? "", error: error))
            }
        }
    }

    /// Refuses what the tensors alone do not tell.
    private func refuseUnknown(
        _ recognition: Recognition, _ checkpoint: CheckpointMatch, _ configuration: HuggingFaceConfiguration?
    ) throws(AssayError) {
        let specification = recognition.specification
        if tensors.isEmpty { throw AssayError(.notRunnable, "config.json alone has no weights") }
        if let named = configuration?.architecture, specification.blueprint?.head(of: named) == nil {
            let known = specification.blueprint?.classNames ?? []
            throw AssayError(
                .notRunnable, "no graph is built for \(named)", expected: "one of \(known.joined(separator: ", "))")
        }
        if configuration == nil, !checkpoint.alternatives.isEmpty {
            let names = [specification.name] + checkpoint.alternatives
            throw AssayError(.notRunnable, "the tensors may be \(names.joined(separator: ", or "))")
        }
    }

    private func absence(_ error: AssayError, _ recognition: Recognition, isConfigured: Bool) -> String {
        guard !isConfigured else { return error.message }
        return "the tensors are those of \(recognition.specification.name), but \(error.message): "
            + "config.json tells (--graph-from config.json)"
    }
}
