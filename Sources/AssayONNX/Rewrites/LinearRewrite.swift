// A product with a matrix of weights, and what is added to it → Linear.

import AssayGraph
import AssayOperators
import AssayTensors

/// x · W + b, W a parameter of two axes, b one of one axis or none.
enum LinearRewrite: Rewrite {
    static func replacement(for node: NodeID, in graph: PatternGraph) -> Replacement? {
        if let product = product(node, graph) { return linear(product, bias: nil, covered: [node]) }
        guard let found: PatternGraph.Match<Binary> = graph.match(node), found.operation.function == .add else {
            return nil
        }
        for (first, second) in [(found[0], found[1]), (found[1], found[0])] {
            guard let bias = graph.parameter(second, rank: 1),
                let inner: PatternGraph.Match<MatMul> = graph.match(first),
                let product = product(inner.node, graph),
                graph.parameters[bias.index].shape[0] == product.units
            else { continue }
            return linear(product, bias: bias, covered: [inner.node, node])
        }
        return nil
    }

    /// A product with weights.
    private struct Product {
        let x: ValueID
        let kernel: ParameterID
        /// What of the parameter is the kernel: one that is stored transposed is used as it lies.
        let view: View
        let isTransposed: Bool
        let units: Int
    }

    private static func product(_ node: NodeID, _ graph: PatternGraph) -> Product? {
        guard let found: PatternGraph.Match<MatMul> = graph.match(node), !found.operation.transposeA, let x = found[0],
            let kernel = graph.parameter(found[1], rank: 2), graph.rank(x) ?? 0 >= 2, graph.parameter(x) == nil
        else { return nil }
        let parameter = graph.parameters[kernel.index]
        var (view, isTransposed) = (View.stored(0), found.operation.transposeB)
        if case .transposed(_, [1, 0]) = parameter.view {
            view = .transposed(view, [1, 0])
            isTransposed.toggle()
        }
        return Product(
            x: x, kernel: kernel, view: view, isTransposed: isTransposed,
            units: parameter.shape[found.operation.transposeB ? 0 : 1])
    }

    private static func linear(_ product: Product, bias: ParameterID?, covered: [NodeID]) -> Replacement {
        Replacement(
            operation: Linear(kernelIsTransposed: product.isTransposed),
            operands: [
                .value(product.x), .parameter(product.kernel, role: "kernel", view: product.view),
                bias.map { .parameter($0, role: "bias") },
            ], covered: covered)
    }
}
