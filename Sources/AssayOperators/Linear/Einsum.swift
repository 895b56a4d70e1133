// Einsum: sums of products by an equation.

import AssayGraph
import AssayTensors

/// y = sums of products by Einstein's convention, as NumPy's `einsum` reads it, with ellipsis.
///
/// Operands: as many as the equation has terms, at most four. Result: the axes of the right side.
public struct Einsum: Operator {
    /// The name in the JSON form.
    public static let name = "Einsum"
    /// The formula.
    public static let formula = "y[kept…] = Σ_summed Π operands, axes by the equation"
    /// The equation, such as `abc,cd->abd`.
    public var equation: String

    /// Sums of products by `equation`.
    public init(equation: String) { self.equation = equation }

    /// Sums of products.
    public var exactness: Exactness { .accumulating }

    /// The extents of the right side's labels.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let facts = operands.compactMap { $0 }
        guard let first = facts.first, facts.count == operands.count, facts.count <= 4 else {
            throw mismatch("wrong number of operands", expected: "one to four", found: "\(operands.count)")
        }
        let type = facts.dropFirst().reduce(first.type) { .promoted($0, $1.type) }
        let shapes = facts.compactMap(\.shape)
        guard shapes.count == facts.count else { return [Fact(type, nil)] }
        let parsed = try EinsumEquation(equation, ranks: shapes.map(\.count), in: self)
        var extents: [EinsumEquation.Label: Dimension] = [:]
        for (labels, shape) in zip(parsed.operands, shapes) {
            for (label, extent) in zip(labels, shape) {
                extents[label] = try broadcast([[extents[label] ?? 1], [extent]]).first
            }
        }
        return [Fact(type, parsed.result.map { extents[$0] ?? 1 })]
    }

    /// The product of all labels' extents.
    public func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int {
        let shapes = operands.compactMap { $0?.extents }
        guard let parsed = try? EinsumEquation(equation, ranks: shapes.map(\.count), in: self) else { return 0 }
        return parsed.extents(shapes).values.reduce(1) { $0.saturating(times: $1) }
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let (type, shape) = try resultKind(operands)
        let tensors = operands.compactMap { $0 }
        let parsed = try EinsumEquation(equation, ranks: tensors.map(\.shape.count), in: self)
        let extents = parsed.extents(tensors.map(\.shape))
        let summed = ReferenceTensor(.f64, zeros: parsed.summed.map { extents[$0] ?? 1 })
        return [
            ReferenceTensor(type, shape) { position in
                var index = Dictionary(uniqueKeysWithValues: zip(parsed.result, position))
                return summed.values.indices.reduce(0.0) { sum, offset in
                    for (label, value) in zip(parsed.summed, summed.position(offset)) { index[label] = value }
                    var product = 1.0
                    for (tensor, labels) in zip(tensors, parsed.operands) {
                        product *= tensor.broadcast(labels.map { index[$0] ?? 0 })
                    }
                    return sum + product
                }
            }
        ]
    }

    /// Both operands and the result once more, where their axes have to be moved.
    public func workspaceCount(_ operands: [Shape?], _ results: [Shape], threads: Int) -> Int {
        operands.reduce(0) { $0 + ($1?.count ?? 0) } + results.reduce(0) { $0 + $1.count }
    }

    /// Two operands by batches of matrix products where the equation is one; else loops.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let operands = call.operands.compactMap { $0 }
        let y = call.result()
        let parsed = try EinsumEquation(equation, ranks: operands.map(\.rank), in: self)
        if let product = EinsumProduct(parsed, operands, y) { return product.run(call) }
        let extents = parsed.extents(operands.map(\.shape))
        func axes(_ labels: [EinsumEquation.Label]) -> StridedAxes {
            StridedAxes(
                shape: labels.map { extents[$0] ?? 1 },
                strides: operands.indices.map { parsed.strides($0, operands[$0].shape, along: labels) })
        }
        let (kept, summed) = (axes(parsed.result), axes(parsed.summed))
        let count = operands.count
        call.threads.forEachPart(kept.count, pieceCost: 8 * summed.count) { range in
            var outer = Odometer(kept, at: range.lowerBound)
            for index in range {
                var inner = Odometer(summed, at: 0)
                var sum = 0.0
                for _ in 0..<summed.count {
                    let offsets = outer.offsets &+ inner.offsets
                    var product = 1.0
                    for operand in 0..<count { product *= operands[operand].double(at: offsets[operand]) }
                    sum += product
                    inner.advance()
                }
                y.set(index, to: sum)
                outer.advance()
            }
        }
    }
}
