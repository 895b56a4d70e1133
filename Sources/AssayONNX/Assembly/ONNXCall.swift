// One node as an operator sees it: its operands, its attributes, the graph to which it adds.

import AssayGraph
import AssayOperators
import AssayTensors

/// Where nodes are built: the names they see, the layers they belong to, and what the enclosing function was called with.
struct NodePlace {
    /// The names.
    let scope: NodeScope
    /// The layers around the function or body; the root alone for the graph of the file.
    var base: RegionChain = [RegionCall(layer: LayerID(0), call: 0)]
    /// The names of layers in front of those that nodes say.
    var scopes: [String] = []
    /// Which call of the layers inside it is: the number of a loop's turn.
    var call = 0
    /// The version of each domain's operators.
    var opsets: [String: Int]
    /// The attributes of the function's call.
    var attributes = NodeAttributes([])
    /// The inputs of the function that its call leaves out.
    var omitted: Set<String> = []
    /// How many functions and bodies are around it.
    var depth = 0

    /// The place of a whole file.
    init(opsets: [String: Int]) {
        scope = NodeScope()
        self.opsets = opsets
    }

    private init(_ outer: NodePlace, scope: NodeScope, base: RegionChain) {
        self.scope = scope
        self.base = base
        scopes = outer.scopes
        call = outer.call
        opsets = outer.opsets
        attributes = outer.attributes
        omitted = []
        depth = outer.depth + 1
    }

    /// The place inside a function or body.
    func inner(scope: NodeScope, base: RegionChain) -> NodePlace { NodePlace(self, scope: scope, base: base) }
}

/// One node of the file while it is lowered to operators of the graph.
struct ONNXCall {
    /// The graph to which it adds.
    let assembly: ONNXAssembly
    /// Where it stands.
    let place: NodePlace
    /// The layers it belongs to.
    let chain: RegionChain
    /// What it is.
    let origin: NodeOrigin
    /// Its attributes.
    let attributes: NodeAttributes
    /// The names of its outputs; empty for those that nobody takes.
    let outputs: [String]
    /// The version of its domain's operators.
    let opset: Int
    /// Its operands; nil where one is left out.
    var operands: [ValueID?] = []

    init(assembly: ONNXAssembly, node: ONNXNodeProto, place: NodePlace, chain: RegionChain, origin: NodeOrigin) {
        self.assembly = assembly
        self.place = place
        self.chain = chain
        self.origin = origin
        attributes = NodeAttributes(node.attribute, call: place.attributes)
        outputs = node.output
        opset = place.opsets[ONNXOperator.domain(node.domain)] ?? 1
    }

    /// An error of what is sound and not supported here.
    func unsupported(_ message: String) -> AssayError { AssayError(.notRunnable, message) }

    // MARK: Operands

    /// An operand that may be left out.
    func optional(_ index: Int) -> ValueID? { operands.indices.contains(index) ? operands[index] : nil }

    /// An operand that must be there.
    ///
    /// - Throws: `AssayError.unreadable` when it is left out.
    func operand(_ index: Int) throws(AssayError) -> ValueID {
        guard let value = optional(index) else { throw .unreadable("input \(index) is missing") }
        return value
    }

    /// Whether anybody takes the output of this number.
    func hasOutput(_ index: Int) -> Bool { outputs.indices.contains(index) && !outputs[index].isEmpty }

    /// What is known of a value.
    func fact(_ value: ValueID) -> Fact { assembly.elementary.builder[value] }

    /// The element type of a value.
    func type(_ value: ValueID) -> ElementType { fact(value).type }

    /// The extents of a value, as many as it has axes.
    ///
    /// - Throws: `AssayError.notRunnable` when not even their number is known.
    func shape(_ value: ValueID) throws(AssayError) -> [Dimension] {
        guard let shape = fact(value).shape else { throw unsupported("the shape of its input is not known") }
        return shape
    }

    /// An extent that must be a number.
    ///
    /// - Throws: `AssayError.notRunnable` when it is a symbol.
    func extent(_ value: ValueID, axis: Int) throws(AssayError) -> Int {
        let shape = try shape(value)
        guard shape.indices.contains(axis) else { throw .unreadable("its input has no axis \(axis)") }
        guard let extent = shape[axis].value else { throw unsupported("axis \(axis) of its input has no fixed extent") }
        // Room for arithmetic with strides and pads.
        guard extent <= 1 << 36 else { throw unsupported("axis \(axis) of its input is too long") }
        return extent
    }

    /// The axis that `axis` means, counted from the end where it is negative.
    ///
    /// - Throws: `AssayError.unreadable` when there is none.
    func resolve(_ axis: Int, rank: Int) throws(AssayError) -> Int {
        guard axis >= -rank, axis < rank else {
            throw .unreadable("no axis \(axis)", expected: "one of \(rank) axes")
        }
        return axis < 0 ? axis + rank : axis
    }

    /// The tensor of an operand that must be known when the file is read; nil where it is left out.
    ///
    /// - Throws: `AssayError.notRunnable` when it depends on the model's inputs.
    func known(_ index: Int) throws(AssayError) -> Tensor? {
        guard let value = optional(index) else { return nil }
        if let tensor = try assembly.stored(value) { return tensor }
        throw unsupported("input \(index) depends on the model's inputs")
    }

    /// The integers of an operand that must be known when the file is read; nil where it is left out.
    ///
    /// - Throws: `AssayError.notRunnable` when it depends on the model's inputs.
    func knownIntegers(_ index: Int) throws(AssayError) -> [Int]? {
        guard let tensor = try known(index) else { return nil }
        return try tensor.integers()
    }

    /// Integers that are an attribute before an opset and an input from it on.
    ///
    /// - Throws: as `knownIntegers`.
    func integers(_ name: String, input index: Int, since version: Int) throws(AssayError) -> [Int]? {
        opset >= version ? try knownIntegers(index) : try attributes.integers(name)
    }

    // MARK: Attributes

    /// An integer, or its default.
    func integer(_ name: String, _ standard: Int) throws(AssayError) -> Int { try attributes.integer(name) ?? standard }

    /// A real, or its default.
    func real(_ name: String, _ standard: Double) throws(AssayError) -> Double { try attributes.real(name) ?? standard }

    /// A text, or its default.
    func text(_ name: String, _ standard: String) throws(AssayError) -> String { try attributes.text(name) ?? standard }

    /// Whether an integer is not zero.
    func flag(_ name: String, _ standard: Bool = false) throws(AssayError) -> Bool {
        try integer(name, standard ? 1 : 0) != 0
    }

    // MARK: Operators

    /// Adds an operator that has one result.
    func add(_ operation: any Operation, _ operands: ValueID?...) throws(AssayError) -> ValueID {
        let results = try assembly.add(operation, operands, self)
        guard let result = results.first else { throw unsupported("\(operation.name) has no result") }
        return result
    }

    /// Adds an operator with any number of operands and results.
    func addAll(_ operation: any Operation, _ operands: [ValueID?]) throws(AssayError) -> [ValueID] {
        try assembly.add(operation, operands, self)
    }

    /// A constant.
    func constant(_ tensor: Tensor) -> ValueID { assembly.elementary.builder.addConstant(tensor) }

    /// A constant scalar of the type of another value.
    func scalar(_ number: Double, like value: ValueID) throws(AssayError) -> ValueID {
        constant(try Tensor([number], shape: []).converted(to: type(value)))
    }

    /// Constant integers of one axis.
    func vector(_ integers: [Int]) -> ValueID {
        constant(Tensor(integers.map { Int64($0) }, shape: Shape([integers.count])))
    }

    /// The value as another type, itself where it has that type.
    func cast(_ value: ValueID, to type: ElementType) throws(AssayError) -> ValueID {
        self.type(value) == type ? value : try add(Cast(type), value)
    }

    /// A value whose elements are moved: a parameter under another view where it is one, else by operators.
    ///
    /// - Throws: `AssayError.unreadable` when the view does not fit.
    func moved(_ value: ValueID, _ view: View) throws(AssayError) -> ValueID {
        try assembly.moved(value, view, self)
    }
}

extension ONNXCall {
    /// The names of the layers it belongs to.
    var scopeNames: [String] {
        chain.dropFirst().map { String(assembly.elementary.builder.graph[$0.layer].name) }
    }
}
