// Which architecture a model is, and which numbers its dimensions have.

import AssayTensors
import OrderedCollections

/// A model recognised as an architecture.
public struct Recognition: Sendable {
    /// The architecture.
    public var specification: Specification
    /// The share that the architecture accounts for, 0 to 1: of a graph's layers with parameters, or of a checkpoint's
    /// tensors.
    public var confidence: Double
    /// The value of each dimension.
    public var dimensions: OrderedDictionary<String, Witness>
    /// Which layer plays each role, in order.
    public var roles: [(role: String, layer: String)]
    /// What does not fit.
    public var contradictions: [Contradiction]
    /// What the architecture needs and the model lacks.
    public var missing: [MissingParameter]
    /// What else the architecture says of a checkpoint's tensors; nil for a model that was recognised by its graph.
    public var checkpoint: CheckpointMatch?
}

/// A parameter, or a whole block of them, that an architecture needs and a model lacks.
public struct MissingParameter: Sendable, Hashable {
    /// The tensor's name, or the module's for a block.
    public var path: String
    /// The shape that it must have, as far as it is known.
    public var shape: String?
    /// What says that it must be there, and the shape.
    public var witnesses: [String]
    /// Whether it is all of a block.
    public var isBlock = false
}

/// A tensor whose shape is not just wrong in one extent.
public struct MisshapenTensor: Sendable, Hashable {
    /// What is wrong with a shape.
    public enum Kind: Sendable, Hashable {
        /// The axes stand in the opposite order.
        case transposed
        /// It has the shape of this other one, and that one its.
        case swapped(with: String)
        /// It has another number of axes.
        case rank
    }

    /// The stored name.
    public var name: String
    /// What is wrong.
    public var kind: Kind
    /// The shape that it must have.
    public var expected: String
    /// The shape that it has.
    public var found: String
    /// What says so.
    public var witnesses: [String]
}

/// What an architecture says of the tensors of a checkpoint.
public struct CheckpointMatch: Sendable {
    /// The class: `BertForMaskedLM`.
    public var className: String
    /// The end of the class's name, under which the specification has it.
    public var head: String
    /// The values of dimensions and settings.
    public var values: ArchitectureValues
    /// The tensors, as they were found.
    public var sketch: CheckpointSketch
    /// Tensors of a wrong rank, transposed, or exchanged.
    public var misshapen: [MisshapenTensor] = []
    /// Stored tensors that are no tensor of the architecture.
    public var unknown: [String] = []
    /// Stored tensors of the architecture that this class does not use.
    public var unused: [String] = []
    /// Tensors that stand in the file again, with the one that counts: they must be equal.
    public var twins: [(twin: String, owner: String)] = []
    /// How names differ from the architecture's, where that changes nothing.
    public var remarks: [String] = []
    /// Settings that no configuration said.
    public var assumed: [String] = []
    /// Other architectures that fit as well.
    public var alternatives: [String] = []
}
