// Embedding: rows of a table by their numbers.

import AssayGraph
import AssayTensors

/// y = the rows of a table.
///
/// Operands: ids of any shape (integers, or reals that are cut towards zero), table `[rows, width]`.
/// Result: `[…, width]`.
public struct Embedding: RowReader {
    /// The name in the JSON form.
    public static let name = "Embedding"
    /// The formula.
    public static let formula = "y[…, j] = table[ids[…], j]"

    /// A look-up of rows.
    public init() {}

    /// Moves bits.
    public var exactness: Exactness { .exact }

    /// None.
    public func multiplyAdds(_ operands: [Shape?], _ results: [Shape]) -> Int { 0 }

    /// The rows that ids stand for.
    public var readRows: (table: Int, numbers: Int)? { (1, 0) }

    /// The shape of the ids with the table's width behind.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let ids = try require(operands, 0, "the ids")
        let table = try require(operands, 1, "the table")
        guard let shape = table.shape else { return [Fact(table.type, nil)] }
        guard shape.count == 2 else { throw mismatch("wrong table", expected: "two axes", found: shape.text) }
        return [Fact(table.type, ids.shape.map { $0 + [shape[1]] })]
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let (type, shape) = try resultKind(operands)
        let ids = try given(operands, 0)
        let table = try given(operands, 1)
        return [
            try ReferenceTensor(type, shape) { (position) throws(AssayError) in
                let id = ids[Array(position.dropLast())].rounded(.towardZero)
                guard id >= 0, id < Double(table.shape[0]) else { throw outside("\(id)", rows: table.shape[0]) }
                return table[[Int(id), position[shape.count - 1]]]
            }
        ]
    }

    /// One copy a row.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (ids, table, y) = (call.operand(0), call.operand(1), call.result())
        let (rows, width) = (table.shape[0], table.shape[1])
        var places: [Int] = []
        for index in 0..<ids.count {
            guard let id = ids.integer(at: index), id >= 0, id < rows else {
                throw outside("\(ids.double(at: index))", rows: rows)
            }
            places.append(id * width)
        }
        let starts = places
        call.threads.forEachPart(starts.count, pieceCost: width) { range in
            for index in range { y.copy(width, from: table, at: starts[index], to: index * width) }
        }
    }

    private func outside(_ id: String, rows: Int) -> AssayError {
        .usage(
            "Embedding: an id lies outside the table", expected: "0 to \(rows - 1)",
            found: id.hasSuffix(".0") ? String(id.dropLast(2)) : id)
    }
}
