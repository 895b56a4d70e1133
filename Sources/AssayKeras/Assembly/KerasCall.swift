// One call of a layer while the graph is built: what layers ask for inputs, masks and weights, and add operators to.

import AssayGraph
import AssayOperators
import AssayTensors

/// One call of a layer, or of a part of one.
struct KerasCall {
    /// The graph that is built.
    let assembly: GraphAssembly
    /// The weights of the layer or part.
    let scope: WeightScope
    /// The layer's configuration.
    let configuration: KerasConfiguration
    /// What it is called with.
    let arguments: CallArguments<ValueID>
    /// The number of the call among the layer's calls.
    let number: Int
    /// How many results are asked for.
    var resultCount = 1
    /// What the file says of the results, for layers that cannot tell themselves.
    var declaredResults: [Fact?] = []

    /// The generation of Keras whose semantics hold.
    var generation: KerasGeneration { configuration.generation }

    // MARK: Inputs

    /// The tensors of the first argument.
    var inputs: [ValueID] { arguments.positional.first?.tensors ?? arguments.keyword.values.first?.tensors ?? [] }

    /// The only input.
    ///
    /// - Throws: `AssayError.unreadable` when there are none or several.
    func input() throws(AssayError) -> ValueID {
        let inputs = inputs
        guard inputs.count == 1, let input = inputs.first else {
            throw configuration.unsupported("takes one input, and is called with \(inputs.count)")
        }
        return input
    }

    /// The tensor passed as `name`, or at `position`; nil where it is left out.
    func tensor(_ name: String, at position: Int? = nil) -> ValueID? {
        arguments.argument(name, at: position)?.tensors.first
    }

    /// The plain value passed as `name`, or at `position`; nil where it is left out or a tensor.
    func constant(_ name: String, at position: Int? = nil) -> JSON? {
        arguments.argument(name, at: position)?.json
    }

    /// What is known of a value.
    func fact(of value: ValueID) -> Fact { assembly.builder[value] }

    /// The extents of a value.
    ///
    /// - Throws: `AssayError.unreadable` when not even their number is known.
    func shape(of value: ValueID) throws(AssayError) -> [Dimension] {
        guard let shape = fact(of: value).shape else {
            throw configuration.unsupported("the shape of its input is not known")
        }
        return shape
    }

    /// The last extent of a value; a symbol where it is not known.
    func width(of value: ValueID) -> Dimension { fact(of: value).shape?.last ?? .symbolic("?") }

    /// `axis`, counted from the front, for a value of `rank` axes.
    ///
    /// - Throws: `AssayError.unreadable` when it is no axis.
    func resolved(axis: Int, rank: Int) throws(AssayError) -> Int {
        let resolved = axis < 0 ? axis + rank : axis
        guard (0..<rank).contains(resolved) else {
            throw configuration.unsupported("has no axis \(axis) in an input of \(rank) axes")
        }
        return resolved
    }

    // MARK: Masks

    /// The mask that rides on a value, a boolean for each step; nil where there is none.
    func mask(of value: ValueID) -> ValueID? { assembly.masks[value] }

    /// Takes the mask off a value, for whatever reads it later.
    func removeMask(of value: ValueID) { assembly.masks[value] = nil }

    /// The mask that is passed as `mask`, or rides on the first input.
    var mask: ValueID? {
        if let passed = arguments.argument("mask") { return passed.tensors.first }
        return inputs.first.flatMap { mask(of: $0) }
    }

    // MARK: Weights

    /// The weight with this role, declared when it is first asked for, in the order in which Keras makes them.
    ///
    /// - Throws: `AssayError.unreadable` when an earlier call of the layer gave it another shape.
    func weight(
        _ role: String, _ shape: [Dimension], isTrainable: Bool = true, type: ElementType? = nil
    ) throws(AssayError) -> ValueID {
        if let known = scope.variables.first(where: { $0.role == role }) {
            guard known.shape.isCompatible(with: shape) else {
                throw AssayError.unreadable(
                    "\(configuration.className): its calls disagree about \(role)", expected: known.shape.text,
                    found: shape.text, object: configuration.path)
            }
            return assembly.builder.value(of: known.parameter)
        }
        let declared: ElementType = if let type { type } else { try configuration.variableType() }
        return try assembly.declare(role, shape, declared, isTrainable: isTrainable, in: scope)
    }

    /// Declares that the layer's weights are whatever the file has for it.
    func takeAnyWeights() {
        scope.reset()
        scope.isOpen = true
    }

    /// The same call for a part of the layer with weights of its own: `attribute` as `.weights.h5` names it, `name` as
    /// legacy HDF5 does, and `role` as the part's roles begin (the name unless it is given).
    func part(_ attribute: String, name: String, role: String? = nil) -> KerasCall {
        KerasCall(
            assembly: assembly, scope: assembly.part(of: scope, attribute: attribute, name: name, role: role ?? name),
            configuration: configuration, arguments: arguments, number: number, resultCount: resultCount,
            declaredResults: declaredResults)
    }

    /// The same call with other arguments, for a layer that calls another.
    func with(_ configuration: KerasConfiguration, _ arguments: CallArguments<ValueID>) -> KerasCall {
        KerasCall(
            assembly: assembly, scope: scope, configuration: configuration, arguments: arguments, number: number,
            resultCount: resultCount, declaredResults: declaredResults)
    }

    // MARK: Operators

    /// Adds an operator that has one result.
    func add(_ operation: any Operation, _ operands: ValueID?...) throws(AssayError) -> ValueID {
        let results = try assembly.builder.add(operation, operands)
        guard let result = results.first else { throw configuration.unsupported("\(operation.name) has no result") }
        return result
    }

    /// Adds an operator with any number of operands and results.
    func addAll(_ operation: any Operation, _ operands: [ValueID?]) throws(AssayError) -> [ValueID] {
        try assembly.builder.add(operation, operands)
    }

    /// A constant.
    func constant(_ tensor: Tensor) -> ValueID { assembly.builder.addConstant(tensor) }

    /// A constant of one axis, or a scalar where there is one number.
    func vector(_ numbers: [Double], like value: ValueID) -> ValueID {
        guard numbers.count != 1 else { return scalar(numbers[0], like: value) }
        if fact(of: value).type == .f64 { return constant(Tensor(numbers, shape: Shape([numbers.count]))) }
        return constant(Tensor(numbers.map { Float($0) }, shape: Shape([numbers.count])))
    }

    /// A constant scalar that does not change the type of what it meets.
    func scalar(_ number: Double, like value: ValueID) -> ValueID {
        switch fact(of: value).type {
        case .f64: constant(Tensor([number], shape: []))
        case let type where type.isFloatingPoint || number != number.rounded():
            constant(Tensor([Float(number)], shape: []))
        case .i64, .u64: constant(Tensor([Int64(number)], shape: []))
        default: constant(Tensor([Int32(number)], shape: []))
        }
    }
}
