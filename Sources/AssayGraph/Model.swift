// A model: the graph, its parameters, and what is needed to write the same file again.

import AssayTensors
import OrderedCollections

/// A parameter: the value that a layer uses in one role, and where it is stored.
public struct Parameter: Sendable {
    /// The role in its layer: `kernel`, `bias`, `gamma`, `query/kernel`, …
    public var role: String
    /// The layer's path and the role, joined by `/`.
    public var path: String
    /// The layer that owns it.
    public var layer: LayerID
    /// The type of the elements, as stored.
    public var type: ElementType
    /// The shape of the value, as operators use it.
    public var shape: Shape
    /// The names in `Model.tensors` of the stored tensors that make the value.
    public var sources: [String]
    /// How they make it.
    public var view: View
    /// Whether training moves it.
    public var isTrainable: Bool

    /// A parameter that is one stored tensor unless a view says more.
    public init(
        role: String, path: String, layer: LayerID, type: ElementType, shape: Shape, sources: [String],
        view: View = .stored(0), isTrainable: Bool = true
    ) {
        self.role = role
        self.path = path
        self.layer = layer
        self.type = type
        self.shape = shape
        self.sources = sources
        self.view = view
        self.isTrainable = isTrainable
    }
}

/// What a file was, beyond its graph and tensors: all that a writer needs to make the same dialect again.
public struct Provenance: Sendable {
    /// The dialect's name: `keras2-h5`, `keras3-keras`, `zten`, `safetensors`, …
    public var dialect: String
    /// The path as the user gave it.
    public var path: String
    /// Versions, attributes and configurations of the file, by the reader's own keys.
    public var attributes: OrderedDictionary<String, JSON>

    /// What a file was.
    public init(dialect: String, path: String, attributes: OrderedDictionary<String, JSON> = [:]) {
        self.dialect = dialect
        self.path = path
        self.attributes = attributes
    }
}

/// Something in a file that does not fit together. The file can still be shown and converted; what it touches cannot be run.
public struct Defect: Sendable, Hashable {
    /// The path of the layer at which it showed.
    public var layer: String
    /// What is wrong.
    public var error: AssayError
    /// The places that contradict each other: tensors, configuration keys, what enters the layer.
    public var witnesses: [String]
    /// A stable word for its kind: `shape-mismatch`, `missing-tensor`, ….
    public var code: String

    /// A defect at a layer.
    public init(layer: String, error: AssayError, witnesses: [String] = [], code: String = "shape-mismatch") {
        self.layer = layer
        self.error = error
        self.witnesses = witnesses
        self.code = code
    }
}

/// A model as read from a file.
public struct Model: Sendable {
    /// The model's own name, or the file's.
    public var name: String
    /// What it computes; nil for a file that holds weights alone.
    public var graph: Graph?
    /// The parameters that the graph uses; `ParameterID` counts in here. Without a graph, one for each stored tensor.
    public var parameters: [Parameter]
    /// Every tensor of the file by its stored name, in the file's order: weights, and what training left (optimizer state).
    public var tensors: OrderedDictionary<String, Tensor>
    /// What the file was.
    public var provenance: Provenance
    /// What does not fit together in it.
    public var defects: [Defect]
    /// Why there is no graph, where the reader knows the architecture and builds none; nil otherwise.
    public var graphAbsence: String?

    /// A model.
    public init(
        name: String, graph: Graph?, parameters: [Parameter], tensors: OrderedDictionary<String, Tensor>,
        provenance: Provenance, defects: [Defect] = [], graphAbsence: String? = nil
    ) {
        self.name = name
        self.graph = graph
        self.parameters = parameters
        self.tensors = tensors
        self.provenance = provenance
        self.defects = defects
        self.graphAbsence = graphAbsence
    }

    /// The parameter with this number.
    public subscript(parameter: ParameterID) -> Parameter { parameters[parameter.index] }

    /// The graph.
    ///
    /// - Throws: `AssayError.notRunnable` for a file that holds weights alone.
    public func requireGraph() throws(AssayError) -> Graph {
        guard let graph else {
            if let graphAbsence { throw AssayError(.notRunnable, graphAbsence, at: .init(file: provenance.path)) }
            throw AssayError(
                .notRunnable, "holds weights without an architecture", at: .init(file: provenance.path),
                hint: "give the file that has it: --graph-from model.keras | model.json | config.json")
        }
        return graph
    }
}
