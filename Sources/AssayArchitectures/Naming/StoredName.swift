// Where in a model a stored tensor belongs, by its name: PyTorch's dotted names, and TensorFlow's variables.

/// The module path and the role that a stored name says.
public struct StoredName: Sendable, Hashable {
    /// The modules from the outside in: `encoder`, `layer`, `0`, `attention`, `self`, `query`.
    public var modules: [String]
    /// What the tensor is to the innermost: `weight`, `bias`, `kernel`, `gamma`, ….
    public let role: String

    /// A module and a role.
    public init(modules: [String], role: String) {
        self.modules = modules
        self.role = role
    }

    /// A module, and a name inside it that may lead through further modules: `decoder.bias`.
    public init(modules: [String], dotted name: String) {
        self.init(parts: modules + name.split(separator: ".").map(String.init))
    }

    /// `encoder.layer.0.attention.self.query.weight`.
    public init(torch name: String) { self.init(parts: name.split(separator: ".").map(String.init)) }

    /// A variable of TensorFlow, `tf_bert_model/bert/encoder/layer_._0/attention/self/query/kernel:0`, whose first part
    /// names the model's instance. transformers' own rules (`convert_tf_weight_name_to_pt_weight_name` in
    /// modeling_tf_pytorch_utils.py): `_._` separates as `/` does, and what stands before `___` is no module.
    public init(tensorFlow variable: String) {
        var sections = variable.split(separator: "/")
        if sections.count > 1 { sections.removeFirst() }
        if let last = sections.last, last.hasSuffix(":0") { sections[sections.count - 1] = last.dropLast(2) }
        let parts = sections.flatMap { section in
            let module = section.ranges(of: "___").last.map { section[$0.upperBound...] } ?? section
            return module.replacing("_._", with: ".").split(separator: ".").map(String.init)
        }
        self.init(parts: parts)
    }

    private init(parts: [String]) {
        modules = Array(parts.dropLast())
        role = parts.last ?? ""
    }

    /// The path of the innermost module, joined by `/`.
    public var layer: String { modules.joined(separator: "/") }

    /// The path of the tensor.
    public var path: String { modules.isEmpty ? role : "\(layer)/\(role)" }
}
