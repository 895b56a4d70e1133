// One small network written twice: with the operators that people think in, and as the elementary nodes that exporters
// write, under names of their own.

import AssayGraph
import AssayOperators
import AssayTensors
import OrderedCollections

/// Dense with GELU, layer normalisation, Dense: whole or in elementary nodes.
struct TestElementary {
    static let (width, inner) = (6, 10)

    var weights: OrderedDictionary<String, [Float]> = [:]
    var epsilon = 1e-3
    /// Whether the last kernel is stored with its axes exchanged, and exchanged back by a node.
    var isTransposed = false
    var paths = ["dense", "norm", "out"]

    static let shapes: OrderedDictionary<String, [Int]> = [
        "dense/kernel": [width, inner], "dense/bias": [inner], "norm/gamma": [inner], "norm/beta": [inner],
        "out/kernel": [inner, width], "out/bias": [width],
    ]

    /// Weights from a linear congruential sequence.
    init() {
        var state: UInt64 = 7
        for (name, shape) in TestElementary.shapes {
            weights[name] = (0..<shape.reduce(1, *)).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return Float(Int(state >> 40) - 1 << 23) / Float(1 << 23)
            }
        }
    }

    /// The network of three layers.
    func whole() throws -> Model {
        var maker = Maker(self)
        let x = maker.input()
        let dense = try maker.layer(paths[0], "Dense", [x]) { maker, layer in
            let product = try maker.builder.addOne(
                Linear(), x, maker.weight("dense/kernel", layer), maker.weight("dense/bias", layer))
            return try maker.builder.addOne(Activation(.gelu(approximate: false)), product)
        }
        let norm = try maker.layer(paths[1], "LayerNormalization", [dense]) { maker, layer in
            try maker.builder.addOne(
                LayerNormalization(axes: [1], epsilon: epsilon), dense, maker.weight("norm/gamma", layer),
                maker.weight("norm/beta", layer))
        }
        let out = try maker.layer(paths[2], "Dense", [norm]) { maker, layer in
            try maker.builder.addOne(
                Linear(), norm, maker.weight("out/kernel", layer), maker.weight("out/bias", layer))
        }
        return maker.model(output: out)
    }

    /// The same network, each layer made of elementary nodes, each node a layer of its own.
    func elementary() throws -> Model {
        var maker = Maker(self)
        let x = maker.input()
        let half = try maker.node("MatMul_0", MatMul(), x, maker.weight("dense/kernel"))
        let sum = try maker.node("Add_1", Binary(.add), maker.weight("dense/bias"), half)
        let scaled = try maker.node("Div_2", Binary(.divide), sum, maker.constant(Float(2).squareRoot()))
        let erf = try maker.node("Erf_3", Unary(.erf), scaled)
        let one = try maker.node("Add_4", Binary(.add), erf, maker.constant(1))
        let product = try maker.node("Mul_5", Binary(.multiply), sum, one)
        let dense = try maker.node("Mul_6", Binary(.multiply), product, maker.constant(0.5))
        let mean = try maker.node("Mean_7", Reduce(.mean, axes: [1], keepDimensions: true), dense)
        let centred = try maker.node("Sub_8", Binary(.subtract), dense, mean)
        let squares = try maker.node("Mul_9", Binary(.multiply), centred, centred)
        let variance = try maker.node("Mean_10", Reduce(.mean, axes: [1], keepDimensions: true), squares)
        let positive = try maker.node("Add_11", Binary(.add), variance, maker.constant(Float(epsilon)))
        let deviation = try maker.node("Sqrt_12", Unary(.sqrt), positive)
        let unit = try maker.node("Div_13", Binary(.divide), centred, deviation)
        let stretched = try maker.node("Mul_14", Binary(.multiply), unit, maker.weight("norm/gamma"))
        let norm = try maker.node("Add_15", Binary(.add), stretched, maker.weight("norm/beta"))
        var kernel = maker.weight("out/kernel")
        if isTransposed { kernel = try maker.node("Transpose_16", Transpose(order: [1, 0]), kernel) }
        let last = try maker.node("MatMul_17", MatMul(), norm, kernel)
        let out = try maker.node("Add_18", Binary(.add), last, maker.weight("out/bias"))
        return maker.model(output: out)
    }
}

/// Builds the graphs.
private struct Maker {
    let network: TestElementary
    var builder = GraphBuilder(rootClassName: "Model")
    private var values: [String: ValueID] = [:]

    init(_ network: TestElementary) { self.network = network }

    mutating func input() -> ValueID {
        builder.addInput(name: "x", fact: Fact(.f32, [.symbolic("batch"), .known(TestElementary.width)]))
    }

    mutating func constant(_ value: Float) -> ValueID { builder.addConstant(Tensor([value], shape: [])) }

    mutating func weight(_ name: String, _ layer: LayerID? = nil) -> ValueID {
        if let known = values[name] { return known }
        var shape = TestElementary.shapes[name] ?? []
        if network.isTransposed, name == "out/kernel" { shape.reverse() }
        let parameter = builder.addParameter(
            Parameter(
                role: layer == nil ? name : String(name.split(separator: "/")[1]), path: name,
                layer: layer ?? builder.graph.root, type: .f32, shape: Shape(shape), sources: [name]))
        let value = builder.value(of: parameter)
        values[name] = value
        return value
    }

    mutating func layer(
        _ path: String, _ className: String, _ inputs: [ValueID], _ body: (inout Maker, LayerID) throws -> ValueID
    ) throws -> ValueID {
        let id = builder.addLayer(name: path, className: className, in: builder.graph.root)
        let call = builder.beginCall(of: id, inputs: inputs)
        let output = try body(&self, id)
        builder.endCall(call, outputs: [output])
        return output
    }

    mutating func node(_ name: String, _ operation: any Operator, _ operands: ValueID...) throws -> ValueID {
        try layer(name, operation.name, operands) { maker, _ in try maker.builder.add(operation, operands)[0] }
    }

    func model(output: ValueID) -> Model {
        var builder = builder
        builder.addOutput(name: "y", value: output)
        var tensors: OrderedDictionary<String, Tensor> = [:]
        for (name, values) in network.weights {
            var shape = TestElementary.shapes[name] ?? []
            var elements = values
            if network.isTransposed, name == "out/kernel" {
                let (rows, columns) = (shape[0], shape[1])
                elements = (0..<values.count).map { values[$0 % rows * columns + $0 / rows] }
                shape.reverse()
            }
            tensors[name] = Tensor(elements, shape: Shape(shape))
        }
        return Model(
            name: "network", graph: builder.graph, parameters: builder.parameters, tensors: tensors,
            provenance: Provenance(dialect: "test", path: "test"))
    }
}
