// Operators on constants: what does not depend on the inputs is computed when the file is read.

import AssayGraph
import AssayOperators
import AssayTensors

/// Evaluates operators whose operands are known, by their definitions.
enum ConstantFolder {
    /// The most elements of a result that is kept as a constant; larger ones are computed when the model runs.
    private static let maximumCount = 1 << 16
    /// The most work that reading a file does for one node.
    private static let maximumMultiplyAdds = 1 << 22

    /// The results of `operation` on these operands, nil where they are too large to be kept, or the operator cannot be
    /// run.
    ///
    /// - Throws: the operator's error, when the values do not fit.
    static func results(
        of operation: any Operation, _ operands: [Tensor?], _ facts: [Fact]
    ) throws(AssayError) -> [Tensor]? {
        guard let operation = operation as? any Operator else { return nil }
        let shapes = facts.compactMap(\.knownShape)
        // A shape that depends on values is only known afterwards: such results are small where the operands are.
        let work = operation.multiplyAdds(operands.map { $0?.shape }, shapes)
        guard shapes.count == facts.count, work <= maximumMultiplyAdds,
            shapes.allSatisfy({ $0.count <= maximumCount }),
            operands.allSatisfy({ $0.map { $0.shape.count <= maximumCount } ?? true })
        else { return nil }
        var values: [ReferenceTensor?] = []
        for operand in operands {
            guard let operand else {
                values.append(nil)
                continue
            }
            values.append(try ReferenceTensor(operand))
        }
        var results: [Tensor] = []
        for result in try operation.reference(values) { results.append(try tensor(result)) }
        return results
    }

    private static func tensor(_ value: ReferenceTensor) throws(AssayError) -> Tensor {
        let shape = try Shape(checking: value.shape)
        if value.type == .i64 { return Tensor(value.values.map { Int64(clamping: $0) }, shape: shape) }
        return try Tensor(value.values, shape: shape).converted(to: value.type)
    }

    /// A tensor of integers that are known.
    static func tensor(_ integers: [Int], _ type: ElementType, _ shape: Shape) throws(AssayError) -> Tensor {
        try Tensor(integers.map { Int64($0) }, shape: shape).converted(to: type)
    }
}

extension Int64 {
    /// The integer nearest to a double: ends of ranges that mean "all there is" lie at the bounds of the type.
    fileprivate init(clamping value: Double) {
        self = Int64(exactly: value.rounded(.towardZero)) ?? (value > 0 ? .max : .min)
    }
}
