// Recurrent layers: sequences of one or two directions, gates in ONNX's order.

import AssayGraph
import AssayOperators
import AssayTensors

/// LSTM, GRU and RNN.
enum RecurrentOperators {
    /// One of the three kinds: how many gates, their order here by ONNX's number, and how many states.
    private struct Kind {
        let gates: [Int]
        let stateCount: Int
        let activations: [String]
    }

    /// ONNX has the gates i, o, f, c; here they are i, f, c, o.
    private static let lstmKind = Kind(gates: [0, 2, 3, 1], stateCount: 2, activations: ["Sigmoid", "Tanh", "Tanh"])
    /// z, r, h in both.
    private static let gruKind = Kind(gates: [0, 1, 2], stateCount: 1, activations: ["Sigmoid", "Tanh"])
    private static let rnnKind = Kind(gates: [0], stateCount: 1, activations: ["Tanh"])

    /// Long short-term memory.
    static func lstm(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        if try call.flag("input_forget") { throw call.unsupported("coupled gates are not known here") }
        return try run(call, lstmKind) { (direction) throws(AssayError) in
            let peepholes = try peepholes(call, direction)
            if peepholes != nil || direction.functions[1] != direction.functions[2] {
                return try ElementaryLSTM(direction, peepholes: peepholes).run()
            }
            let operation = LSTM(
                activation: direction.functions[1], recurrentActivation: direction.functions[0],
                goBackwards: direction.isReverse, zeroOutputForMask: true)
            let bias = try direction.biasSum()
            return try call.addAll(
                operation,
                [direction.x, direction.kernel, direction.recurrent, bias, direction.mask] + direction.states)
        }
    }

    /// The gated recurrent unit.
    static func gru(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        let resetAfter = try call.flag("linear_before_reset")
        return try run(call, gruKind) { (direction) throws(AssayError) in
            let operation = GRU(
                activation: direction.functions[1], recurrentActivation: direction.functions[0],
                resetAfter: resetAfter, goBackwards: direction.isReverse, zeroOutputForMask: true)
            let biases = resetAfter ? direction.biases : [try direction.biasSum(), nil]
            return try call.addAll(
                operation,
                [direction.x, direction.kernel, direction.recurrent] + biases + [direction.mask] + direction.states)
        }
    }

    /// The simple recurrent layer.
    static func rnn(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        try run(call, rnnKind) { (direction) throws(AssayError) in
            let operation = SimpleRNN(
                activation: direction.functions[0], goBackwards: direction.isReverse, zeroOutputForMask: true)
            let bias = try direction.biasSum()
            return try call.addAll(
                operation,
                [direction.x, direction.kernel, direction.recurrent, bias, direction.mask] + direction.states)
        }
    }

    /// The weights with which the gates i, o and f see the cell state, where there are any: `[units]` each.
    private static func peepholes(_ call: ONNXCall, _ direction: Direction) throws(AssayError) -> [ValueID]? {
        guard let weights = call.optional(7) else { return nil }
        let units = try call.extent(direction.recurrent, axis: 0)
        guard try call.extent(weights, axis: 1) == 3 * units else { throw .unreadable("peepholes that do not fit") }
        var parts: [ValueID] = []
        for gate in 0..<3 {
            let own = View.sliced(.stored(0), axis: 0, start: direction.index, count: 1)
            let part = View.sliced(own, axis: 1, start: gate * units, count: units)
            parts.append(try call.moved(weights, .reshaped(part, [units])))
        }
        return parts
    }

    // MARK: Directions

    /// One direction, its operands as the operators here take them.
    struct Direction {
        let call: ONNXCall
        let index: Int
        let x: ValueID
        let kernel: ValueID
        let recurrent: ValueID
        /// The bias of the inputs and that of the states; nil where there are none.
        let biases: [ValueID?]
        let mask: ValueID?
        let states: [ValueID?]
        let functions: [ActivationFunction]
        let isReverse: Bool

        /// Both biases in one, for gates that add them anyway.
        func biasSum() throws(AssayError) -> ValueID? {
            guard let first = biases[0], let second = biases[1] else { return nil }
            return try call.add(Binary(.add), first, second)
        }
    }

    /// Every direction: Y `[time, directions, batch, units]`, then the last states `[directions, batch, units]`;
    /// batch first everywhere with `layout`.
    private static func run(
        _ call: ONNXCall, _ kind: Kind, _ body: (Direction) throws(AssayError) -> [ValueID]
    ) throws(AssayError) -> [ValueID] {
        if call.attributes.has("clip") { throw call.unsupported("clipping is not known here") }
        let batchFirst = try call.flag("layout")
        let x = batchFirst ? try call.operand(0) : try call.add(Transpose(order: [1, 0, 2]), call.operand(0))
        let mask = try mask(call, x)
        let reverse: [Bool]
        switch try call.text("direction", "forward") {
        case "forward": reverse = [false]
        case "reverse": reverse = [true]
        case "bidirectional": reverse = [false, true]
        case let name: throw .unreadable("unknown direction '\(name)'")
        }
        var results: [[ValueID?]] = (0...kind.stateCount).map { _ in [] }
        for (index, isReverse) in reverse.enumerated() {
            let outputs = try body(
                try direction(call, kind, index, of: reverse.count, x: x, mask: mask, isReverse: isReverse))
            // The sequence comes in the order of reading.
            results[0].append(isReverse ? try call.add(Reverse(axes: [1]), outputs[0]) : outputs[0])
            for state in 0..<kind.stateCount { results[1 + state].append(outputs[1 + state]) }
        }
        // [batch, time, units] of each direction.
        let sequence = try call.addAll(
            Stack(axis: batchFirst ? 2 : 1),
            try results[0].map { (part) throws(AssayError) in
                batchFirst ? part : try call.add(Transpose(order: [1, 0, 2]), part)
            })[0]
        var all = [sequence]
        for states in results.dropFirst() { all.append(try call.addAll(Stack(axis: batchFirst ? 1 : 0), states)[0]) }
        return all
    }

    /// Which steps count, where lengths are given: `[batch, time]`.
    private static func mask(_ call: ONNXCall, _ x: ValueID) throws(AssayError) -> ValueID? {
        guard let lengths = call.optional(4) else { return nil }
        if let known = call.assembly.constant(lengths), let time = try call.shape(x)[1].value,
            try known.integers().allSatisfy({ $0 == time })
        {
            return nil
        }
        let shape = try call.add(ShapeOf(), x)
        let time = try call.add(Gather(axis: 0), shape, call.constant(Tensor([Int64(1)], shape: [])))
        let steps = try call.add(
            NumberRange(), call.constant(Tensor([Int64(0)], shape: [])), time,
            call.constant(Tensor([Int64(1)], shape: [])))
        return try call.add(Compare(.less), steps, call.add(ExpandDims(axes: [1]), call.cast(lengths, to: .i64)))
    }

    private static func direction(
        _ call: ONNXCall, _ kind: Kind, _ index: Int, of count: Int, x: ValueID, mask: ValueID?, isReverse: Bool
    ) throws(AssayError) -> Direction {
        let (weights, recurrent) = (try call.operand(1), try call.operand(2))
        let units = try call.extent(recurrent, axis: 2)
        let inputs = try call.extent(weights, axis: 2)
        guard try call.extent(weights, axis: 1) == kind.gates.count * units,
            try call.extent(recurrent, axis: 1) == kind.gates.count * units,
            try call.extent(weights, axis: 0) == count, try call.extent(recurrent, axis: 0) == count
        else { throw .unreadable("kernels that do not fit", expected: "\(kind.gates.count * units) rows") }
        var states: [ValueID?] = []
        for state in 0..<kind.stateCount {
            let axis = try call.flag("layout") ? 1 : 0
            states.append(
                try call.optional(5 + state).map { (initial) throws(AssayError) in
                    try call.add(
                        Gather(axis: axis), initial, call.constant(Tensor([Int64(index)], shape: [])))
                })
        }
        return Direction(
            call: call, index: index, x: x, kernel: try call.moved(weights, gates(kind, index, units, width: inputs)),
            recurrent: try call.moved(recurrent, gates(kind, index, units, width: units)),
            biases: try biases(call, kind, index, units), mask: mask, states: states,
            functions: try functions(call, kind, index, count), isReverse: isReverse)
    }

    /// `[directions, gates · units, width]` → `[width, gates · units]` of one direction, gates in the order used here.
    private static func gates(_ kind: Kind, _ index: Int, _ units: Int, width: Int) -> View {
        let own = View.reshaped(
            .sliced(.stored(0), axis: 0, start: index, count: 1), [kind.gates.count * units, width])
        return .transposed(reordered(own, kind, units), [1, 0])
    }

    private static func reordered(_ view: View, _ kind: Kind, _ units: Int) -> View {
        if kind.gates == Array(0..<kind.gates.count) { return view }
        return .concatenated(
            kind.gates.map { .sliced(view, axis: 0, start: $0 * units, count: units) }, axis: 0)
    }

    /// `[directions, 2 · gates · units]`: the bias of the inputs, then that of the states.
    private static func biases(
        _ call: ONNXCall, _ kind: Kind, _ index: Int, _ units: Int
    ) throws(AssayError) -> [ValueID?] {
        guard let bias = call.optional(3) else { return [nil, nil] }
        let width = kind.gates.count * units
        guard try call.extent(bias, axis: 1) == 2 * width else {
            throw .unreadable("a bias that does not fit", expected: "\(2 * width) elements")
        }
        let own = View.reshaped(.sliced(.stored(0), axis: 0, start: index, count: 1), [2 * width])
        var biases: [ValueID?] = []
        for part in 0..<2 {
            let half = View.sliced(own, axis: 0, start: part * width, count: width)
            biases.append(try call.moved(bias, reordered(half, kind, units)))
        }
        return biases
    }

    // MARK: Activations

    private static func functions(
        _ call: ONNXCall, _ kind: Kind, _ index: Int, _ count: Int
    ) throws(AssayError) -> [ActivationFunction] {
        let size = kind.activations.count
        let given = try call.attributes.texts("activations") ?? []
        guard given.isEmpty || given.count == size * count else {
            throw .unreadable("wrong number of activations", expected: "\(size * count)", found: "\(given.count)")
        }
        let names = given.isEmpty ? kind.activations : Array(given[index * size..<(index + 1) * size])
        let alphas = try call.attributes.reals("activation_alpha") ?? []
        let betas = try call.attributes.reals("activation_beta") ?? []
        // With attributes for functions that need none, whose they are is not clear.
        guard alphas.isEmpty && betas.isEmpty || alphas.count == given.count && betas.count == given.count else {
            throw call.unsupported("attributes of some activations are not known here")
        }
        var functions: [ActivationFunction] = []
        for (place, name) in names.enumerated() {
            let number = index * size + place
            functions.append(
                try function(
                    name, alpha: alphas.isEmpty ? nil : alphas[number], beta: betas.isEmpty ? nil : betas[number], call)
            )
        }
        return functions
    }

    private static func function(
        _ name: String, alpha: Double?, beta: Double?, _ call: ONNXCall
    ) throws(AssayError) -> ActivationFunction {
        switch name.lowercased() {
        case "sigmoid": return .sigmoid
        case "tanh": return .tanh
        case "relu": return .relu()
        case "hardsigmoid": return .hardSigmoid(slope: alpha ?? 0.2, offset: beta ?? 0.5)
        case "softsign": return .softsign
        case "softplus": return .softplus
        case "elu": return .elu(alpha: alpha ?? 1)
        case "leakyrelu": return .leakyRelu(slope: alpha ?? 0.01)
        case "thresholdedrelu": return .threshold(threshold: alpha ?? 1, value: 0)
        default: throw call.unsupported("the activation '\(name)' is not known here")
        }
    }
}
