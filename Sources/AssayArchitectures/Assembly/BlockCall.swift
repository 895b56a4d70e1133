// One use of a block while the graph is built: what builders ask for operands, dimensions, options and parameters.

import AssayGraph
import AssayOperators
import AssayTensors

/// What a kind of block computes. The data about it stands in `Schemas/blocks.json`.
protocol BlockBuilder: Sendable {
    /// The name in steps and in `Schemas/blocks.json`.
    static var name: String { get }

    /// Adds the block's nodes to the graph.
    ///
    /// - Returns: the results in the order of the step's names.
    /// - Throws: `AssayError.unreadable` when operands or parameters do not fit; `AssayError.notRunnable` for an option that
    ///   is not known here.
    static func build(_ call: inout BlockCall) throws(AssayError) -> [ValueID]
}

/// One use of a block.
struct BlockCall {
    let assembly: ArchitectureAssembly
    let use: BlockUse
    let module: ModulePath
    let scope: Scope
    let operands: [ValueID?]

    // MARK: Operands

    /// The operand at `index`.
    ///
    /// - Throws: `AssayError.unreadable` when the step gives fewer.
    func operand(_ index: Int) throws(AssayError) -> ValueID {
        guard operands.indices.contains(index), let operand = operands[index] else {
            throw .unreadable("the block \(use.block.name) takes more operands", found: "\(operands.count)")
        }
        return operand
    }

    /// The operand at `index`; nil where the step leaves it out.
    func operand(ifGiven index: Int) -> ValueID? { operands.indices.contains(index) ? operands[index] : nil }

    /// The extents of a value.
    ///
    /// - Throws: `AssayError.unreadable` when not even their number is known.
    func shape(of value: ValueID) throws(AssayError) -> [Dimension] {
        guard let shape = assembly.builder[value].shape else {
            throw .unreadable("the shape of an operand is not known")
        }
        return shape
    }

    // MARK: Dimensions and options

    /// One of the block's dimensions.
    ///
    /// - Throws: `AssayError.unreadable` when it is not known.
    func dimension(_ name: String) throws(AssayError) -> Int {
        guard let expression = use.dimensions[name] else { throw .unreadable("the block has no dimension \(name)") }
        return try scope.integer(expression)
    }

    /// An option; nil where the step does not give it, or its value is null.
    ///
    /// - Throws: `AssayError.unreadable` when it is not known.
    func option(_ name: String) throws(AssayError) -> JSON? {
        guard let expression = use.options[name] else { return nil }
        let value = try scope.value(expression)
        return value.isNull ? JSON?.none : value
    }

    /// An option that is a number.
    ///
    /// - Throws: `AssayError.unreadable` when it is none.
    func number(_ name: String, default fallback: Double? = nil) throws(AssayError) -> Double {
        let value = try option(name)
        guard let number = value.map(\.number) ?? fallback, number.isFinite else {
            throw .unreadable("\(name) must be a number", found: value?.text() ?? "nothing")
        }
        return number
    }

    /// An option that is a count.
    ///
    /// - Throws: `AssayError.unreadable` when it is none.
    func count(_ name: String, default fallback: Int? = nil) throws(AssayError) -> Int {
        let value = try option(name)
        guard let count = value.map(\.integer) ?? fallback, count > 0, count < 1 << 24 else {
            throw .unreadable("\(name) must be a positive integer", found: value?.text() ?? "nothing")
        }
        return count
    }

    /// An option that is a switch, off unless it is given.
    ///
    /// - Throws: as `option(_:)`.
    func flag(_ name: String, default fallback: Bool = false) throws(AssayError) -> Bool {
        try option(name)?.isTrue ?? fallback
    }

    // MARK: Building

    /// The value of one of the block's parameters; nil where an option says that there is none.
    ///
    /// - Throws: `AssayError.unreadable` when it is not in the file.
    func parameter(_ name: String) throws(AssayError) -> ValueID? {
        guard let parameter = use.block.parameters[name], try use.has(parameter, scope) else { return nil }
        return try assembly.parameter(name, of: use, in: module, scope)
    }

    /// Adds an operator with one result.
    ///
    /// - Throws: `AssayError.unreadable` when the operands do not fit.
    func add(_ operation: any Operation, _ operands: ValueID?...) throws(AssayError) -> ValueID {
        let results = try assembly.builder.add(operation, operands)
        precondition(!results.isEmpty, "an operator has at least one result")
        return results[0]
    }

    /// Adds an operator with several results.
    ///
    /// - Throws: as `add(_:_:)`.
    func addAll(_ operation: any Operation, _ operands: [ValueID?]) throws(AssayError) -> [ValueID] {
        try assembly.builder.add(operation, operands)
    }

    /// An integer as a constant of no axes.
    func integer(_ value: Int) -> ValueID {
        assembly.builder.addConstant(Tensor([Int64(value)], shape: Shape([])))
    }

    /// Integers as a constant of one axis.
    func integers(_ values: [Int]) -> ValueID {
        assembly.builder.addConstant(Tensor(values.map(Int64.init), shape: Shape([values.count])))
    }

    /// A number as a constant of no axes, of the type of `other`.
    func scalar(_ value: Double, like other: ValueID) throws(AssayError) -> ValueID {
        let type = assembly.builder[other].type
        let tensor =
            type.isInteger
            ? Tensor([Int64(value)], shape: Shape([])) : Tensor([Float(value)], shape: Shape([]))
        return assembly.builder.addConstant(tensor)
    }
}
