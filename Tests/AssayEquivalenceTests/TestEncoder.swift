// A small model with everything that a comparison must cope with: a table, attention, a normalisation, neurons in between.

import AssayGraph
import AssayOperators
import AssayTensors
import OrderedCollections

/// Builds a small encoder whose weights and attributes a test can change.
struct TestEncoder {
    static let (rows, width, heads, headWidth, inner) = (11, 6, 3, 2, 8)

    var weights: OrderedDictionary<String, [Float]>
    var epsilon = 1e-3
    var activation = ActivationFunction.gelu(approximate: false)
    var attentionScale = 1 / 2.0.squareRoot()
    /// How the last two positions are hidden.
    enum Hiding { case none, mask, bias }
    var hiding = Hiding.none
    /// Layers of other names in the place of some.
    var renamed: [String: String] = [:]
    /// Whether a layer that does nothing stands before the feed-forward layers.
    var hasDropout = false

    static let shapes: OrderedDictionary<String, [Int]> = [
        "embedding/embeddings": [rows, width],
        "attention/query/kernel": [width, heads * headWidth], "attention/query/bias": [heads * headWidth],
        "attention/key/kernel": [width, heads * headWidth], "attention/key/bias": [heads * headWidth],
        "attention/value/kernel": [width, heads * headWidth], "attention/value/bias": [heads * headWidth],
        "attention/output/kernel": [heads * headWidth, width], "attention/output/bias": [width],
        "norm/gamma": [width], "norm/beta": [width],
        "expand/kernel": [width, inner], "expand/bias": [inner],
        "project/kernel": [inner, width], "project/bias": [width],
    ]

    /// Weights from a fixed seed: a linear congruential sequence, so that nothing of the code under test makes them.
    init() {
        weights = [:]
        var state: UInt64 = 42
        for (name, shape) in TestEncoder.shapes {
            weights[name] = (0..<shape.reduce(1, *)).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return Float(Int(state >> 40) - 1 << 23) / Float(1 << 23)
            }
        }
    }

    /// The model, with ids `[batch, 5]` as its input.
    func model() throws -> Model {
        var builder = GraphBuilder(rootClassName: "Functional")
        var tensors: OrderedDictionary<String, Tensor> = [:]
        for (name, values) in weights { tensors[name] = Tensor(values, shape: Shape(TestEncoder.shapes[name] ?? [])) }
        let ids = builder.addInput(name: "ids", fact: Fact(.i32, [.symbolic("batch"), 5]))
        let embedded = try layer("embedding", "Embedding", &builder, [ids]) { builder, weight in
            try builder.addOne(Embedding(), ids, weight("embeddings"))
        }
        let attended = try layer("attention", "MultiHeadAttention", &builder, [embedded]) { builder, weight in
            try attention(embedded, &builder, weight)
        }
        let sum = try layer("add", "Add", &builder, [embedded, attended]) { builder, _ in
            try builder.addOne(Binary(.add), embedded, attended)
        }
        var value = try layer("norm", "LayerNormalization", &builder, [sum]) { builder, weight in
            try builder.addOne(LayerNormalization(axes: [2], epsilon: epsilon), sum, weight("gamma"), weight("beta"))
        }
        if hasDropout {
            let input = value
            value = try layer("dropout", "Dropout", &builder, [input]) { builder, _ in
                try builder.addOne(Identity(), input)
            }
        }
        let normal = value
        let expanded = try layer("expand", "Dense", &builder, [normal]) { builder, weight in
            let product = try builder.addOne(Linear(), normal, weight("kernel"), weight("bias"))
            return try builder.addOne(Activation(activation), product)
        }
        let projected = try layer("project", "Dense", &builder, [expanded]) { builder, weight in
            try builder.addOne(Linear(), expanded, weight("kernel"), weight("bias"))
        }
        builder.addOutput(name: "project", value: projected)
        return Model(
            name: "encoder", graph: builder.graph, parameters: builder.parameters, tensors: tensors,
            provenance: Provenance(dialect: "test", path: "test"))
    }

    private typealias Weights = (String) -> ValueID

    private func attention(_ x: ValueID, _ builder: inout GraphBuilder, _ weight: Weights) throws -> ValueID {
        let heads: [ReshapeExtent] = [
            .copied(axis: 0), .copied(axis: 1), .fixed(TestEncoder.heads), .fixed(TestEncoder.headWidth),
        ]
        var parts: [ValueID] = []
        for part in ["query", "key", "value"] {
            let product = try builder.addOne(Linear(), x, weight("\(part)/kernel"), weight("\(part)/bias"))
            parts.append(try builder.addOne(Reshape(heads), product))
        }
        var operands: [ValueID?] = parts
        switch hiding {
        case .none: break
        case .mask:
            operands.append(builder.addConstant(Tensor([true, true, true, false, false], shape: [1, 1, 1, 5])))
        case .bias:
            let bias: [Float] = [0, 0, 0, -1e9, -1e9]
            operands += [nil, builder.addConstant(Tensor(bias, shape: [1, 1, 1, 5]))]
        }
        let context = try builder.add(Attention(scale: attentionScale), operands)[0]
        let flat: [ReshapeExtent] = [
            .copied(axis: 0), .copied(axis: 1), .fixed(TestEncoder.heads * TestEncoder.headWidth),
        ]
        let joined = try builder.addOne(Reshape(flat), context)
        return try builder.addOne(Linear(), joined, weight("output/kernel"), weight("output/bias"))
    }

    private func layer(
        _ name: String, _ className: String, _ builder: inout GraphBuilder, _ inputs: [ValueID],
        _ body: (inout GraphBuilder, Weights) throws -> ValueID
    ) throws -> ValueID {
        let shown = renamed[name] ?? name
        let id = builder.addLayer(name: shown, className: className, in: builder.graph.root)
        var values: [String: ValueID] = [:]
        for (path, shape) in TestEncoder.shapes where path.hasPrefix(name + "/") {
            let role = String(path.dropFirst(name.count + 1))
            let parameter = builder.addParameter(
                Parameter(
                    role: role, path: "\(shown)/\(role)", layer: id, type: .f32, shape: Shape(shape), sources: [path]))
            values[role] = builder.value(of: parameter)
        }
        let call = builder.beginCall(of: id, inputs: inputs)
        let output = try body(&builder) { role in
            guard let value = values[role] else { preconditionFailure("the test asks for weights that are declared") }
            return value
        }
        builder.endCall(call, outputs: [output])
        return output
    }
}
