// Projections of attention layers: products that make heads of features, and features of heads.

import AssayGraph
import AssayOperators
import AssayTensors

/// One projection of an attention layer, with a kernel and a bias of its own. The kernel keeps its stored shape, in which
/// heads and width are two axes; they are taken as one for the product, which moves nothing.
struct HeadProjection {
    /// The projection's attribute, as `.weights.h5` names it (`query_dense`).
    var attribute: String
    /// Its name, as legacy HDF5 has it (`query`).
    var name: String
    /// Whether a bias is added.
    var usesBias: Bool

    /// x `[…, features]` → `[…, heads, width]`.
    func split(_ x: ValueID, heads: Int, width: Int, in call: KerasCall) throws(AssayError) -> ValueID {
        let rank = try call.shape(of: x).count
        let part = call.part(attribute, name: name)
        let extents: [Dimension] = [.known(heads), .known(width)]
        let kernel = try part.weight("kernel", [call.width(of: x)] + extents)
        let bias = usesBias ? try part.weight("bias", extents) : nil
        let product = try call.add(
            Linear(), x, call.add(Reshape([.copied(axis: 0), .product(of: 1..<3)]), kernel), flat(bias, in: call))
        let front = (0..<rank - 1).map { ReshapeExtent.copied(axis: $0) }
        return try call.add(Reshape(front + [.fixed(heads), .fixed(width)]), product)
    }

    /// x `[…, heads, width]` → `[…, output…]`.
    func merge(_ x: ValueID, into output: [Dimension], in call: KerasCall) throws(AssayError) -> ValueID {
        let shape = try call.shape(of: x)
        let part = call.part(attribute, name: name)
        let kernel = try part.weight("kernel", shape.suffix(2) + output)
        let bias = usesBias ? try part.weight("bias", output) : nil
        let front = (0..<shape.count - 2).map { ReshapeExtent.copied(axis: $0) }
        let rows = try call.add(Reshape(front + [.product(of: shape.count - 2..<shape.count)]), x)
        let columns = Reshape([.product(of: 0..<2), .product(of: 2..<2 + output.count)])
        let product = try call.add(Linear(), rows, call.add(columns, kernel), flat(bias, in: call))
        guard output.count > 1 else { return product }
        let extents = output.compactMap(\.value)
        guard extents.count == output.count else {
            throw call.configuration.unsupported("the shape of its output is not known")
        }
        return try call.add(Reshape(front + extents.map { .fixed($0) }), product)
    }

    /// A bias with all its axes as one.
    private func flat(_ bias: ValueID?, in call: KerasCall) throws(AssayError) -> ValueID? {
        guard let bias, let rank = call.fact(of: bias).rank, rank > 1 else { return bias }
        return try call.add(Reshape([.product(of: 0..<rank)]), bias)
    }
}
