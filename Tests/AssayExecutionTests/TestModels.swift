// Small models for these tests.

import AssayGraph
import AssayOperators
import AssayTensors
import OrderedCollections

@testable import AssayExecution

/// Builds a model whose parameters have known values.
struct ModelMaker {
    var builder = GraphBuilder(rootClassName: "Functional")
    var tensors: OrderedDictionary<String, Tensor> = [:]
    var generator = RandomGenerator(seed: 7)

    /// A parameter of normal numbers, scaled so that products keep the size of their inputs.
    mutating func parameter(_ role: String, _ shape: Shape, in layer: LayerID) -> ValueID {
        let scale = 1 / Double(max(shape.extents.first ?? 1, 1)).squareRoot()
        let values = (0..<shape.count).map { _ in Float(generator.normal() * scale) }
        return stored(role, Tensor(values, shape: shape), in: layer)
    }

    /// A parameter that is this tensor.
    mutating func stored(
        _ role: String, _ tensor: Tensor, in layer: LayerID, view: View = .stored(0), shape: Shape? = nil
    ) -> ValueID {
        let path = "\(builder.graph[layer].path)/\(role)"
        tensors[path] = tensor
        return builder.value(
            of: builder.addParameter(
                Parameter(
                    role: role, path: path, layer: layer, type: tensor.type, shape: shape ?? tensor.shape,
                    sources: [path], view: view)))
    }

    /// A layer with a kernel and a bias, called once.
    mutating func dense(_ name: String, _ x: ValueID, _ width: Int, _ units: Int) throws -> ValueID {
        let layer = builder.addLayer(name: name, className: "Dense", in: builder.graph.root)
        let call = builder.beginCall(of: layer, inputs: [x])
        let kernel = parameter("kernel", [width, units], in: layer)
        let bias = parameter("bias", [units], in: layer)
        let y = try builder.addOne(Linear(), x, kernel, bias)
        builder.endCall(call, outputs: [y])
        return y
    }

    /// A layer of one operator without parameters, called once.
    mutating func layer(_ name: String, _ operation: any Operation, _ operands: ValueID...) throws -> [ValueID] {
        let layer = builder.addLayer(name: name, className: operation.name, in: builder.graph.root)
        let call = builder.beginCall(of: layer, inputs: operands)
        let results = try builder.add(operation, operands)
        builder.endCall(call, outputs: [results[0]])
        return results
    }

    /// The model as built so far.
    var model: Model {
        Model(
            name: "test", graph: builder.graph, parameters: builder.parameters, tensors: tensors,
            provenance: Provenance(dialect: "test", path: "test.h5"))
    }
}

/// x `[batch, 6]` → Dense → branch and rejoin through aliases and two results → Dense `[batch, 3]`.
func branchingModel() throws -> Model {
    var maker = ModelMaker()
    let x = maker.builder.addInput(name: "x", fact: Fact(.f32, [.symbolic("batch"), 6]))
    let hidden = try maker.dense("hidden", x, 6, 4)
    let flat = try maker.layer("flat", Regrouped(), hidden)[0]
    let back = try maker.layer("backwards", Backwards(), flat)
    let sum = try maker.layer("sum", Sum(), flat, back[1])[0]
    let pairs = try maker.layer("pairs", Regrouped(width: 4), sum)[0]
    let scaled = try maker.layer("scaled", Scaled(factor: -0.75), pairs)[0]
    let out = try maker.dense("out", scaled, 4, 3)
    maker.builder.addOutput(name: "out", value: out)
    return maker.model
}

/// A graph of `count` nodes on values of 64 elements, whose shape and wiring follow from the seed.
func randomModel(seed: UInt64, count: Int) throws -> Model {
    var maker = ModelMaker()
    var generator = RandomGenerator(seed: seed)
    var flat = [maker.builder.addInput(name: "x", fact: Fact(.f32, [64]))]
    for index in 0..<count {
        // Mostly from the newest values, so that the old ones die and their memory is used again.
        func pick() -> ValueID { flat[max(0, flat.count - 1 - generator.integer(below: 6))] }
        let name = "node_\(index)"
        switch generator.integer(below: 5) {
        case 0: flat += try maker.layer(name, Scaled(factor: generator.normal()), pick())
        case 1: flat += try maker.layer(name, Backwards(), pick())
        case 2: flat += try maker.layer(name, Regrouped(), pick())
        case 3:
            let grouped = try maker.layer(name, Regrouped(width: 8), pick())[0]
            let product = try maker.dense("\(name)_dense", grouped, 8, 8)
            flat += try maker.layer("\(name)_flat", Regrouped(), product)
        default: flat += try maker.layer(name, Sum(), pick(), pick())
        }
    }
    guard let last = flat.last else { return maker.model }
    maker.builder.addOutput(name: "y", value: last)
    maker.builder.addOutput(name: "z", value: flat[flat.count / 2])
    return maker.model
}

/// Normal numbers.
func normalTensor(_ shape: Shape, seed: UInt64 = 1) -> Tensor {
    var generator = RandomGenerator(seed: seed)
    return Tensor((0..<shape.count).map { _ in Float(generator.normal()) }, shape: shape)
}

/// The largest difference of two tensors of one shape.
func largestDifference(_ a: Tensor, _ b: Tensor) throws -> Double {
    guard a.shape == b.shape else { return .infinity }
    return zip(try a.doubles(), try b.doubles()).map { abs($0 - $1) }.max() ?? 0
}
