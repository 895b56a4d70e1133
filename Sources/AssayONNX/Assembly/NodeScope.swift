// The names that nodes can see: those of their graph, and of the graphs around it.

import AssayGraph
import AssayTensors

/// A tensor that the file holds under a name.
struct StoredTensor {
    /// The tensor.
    let tensor: Tensor
    /// Its name among all tensors of the file.
    let name: String
}

/// The names of one graph, one body of a loop, or one function. A reference type: nodes define names as they are built.
final class NodeScope {
    private let parent: NodeScope?
    private var values: [String: ValueID] = [:]
    private var stored: [String: StoredTensor] = [:]

    /// Names of their own, and those of `parent`.
    init(parent: NodeScope? = nil) { self.parent = parent }

    /// Gives a value its name.
    ///
    /// - Throws: `AssayError.unreadable` when the name is taken in this graph.
    func define(_ name: String, as value: ValueID) throws(AssayError) {
        guard values.updateValue(value, forKey: name) == nil else {
            throw .unreadable("two values have the same name", object: name)
        }
    }

    /// Gives a stored tensor its name. Of two the last counts, as in the runtimes.
    func define(_ name: String, as tensor: StoredTensor) { stored[name] = tensor }

    /// What the name means: a value, made of the stored tensor by `materialise` when it is first used; nil for a name
    /// that nothing has.
    ///
    /// - Throws: what `materialise` throws.
    func value(
        _ name: String, materialise: (StoredTensor) throws(AssayError) -> ValueID
    ) throws(AssayError) -> ValueID? {
        if let value = values[name] { return value }
        if let tensor = stored[name] {
            let value = try materialise(tensor)
            values[name] = value
            return value
        }
        return try parent?.value(name, materialise: materialise)
    }

    /// Whether the graph itself holds a tensor of this name.
    func holdsTensor(_ name: String) -> Bool { stored[name] != nil }
}
