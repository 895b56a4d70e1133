// TopK: the greatest elements of each line.

import AssayGraph
import AssayTensors

/// The greatest elements of x along its last axis and where they stand, the greatest first; of equal ones the first.
///
/// Operand: x. Results: values and 32-bit indices, the shape of x with `count` along the last axis.
public struct TopK: Operator {
    /// The name in the JSON form.
    public static let name = "TopK"
    /// The formula.
    public static let formula = "y[…, r] = the r-th greatest of x[…, ·]"
    /// How many.
    public var count: Int

    /// The greatest `count` elements.
    public init(count: Int) {
        self.count = count
    }

    /// Moves bits.
    public var exactness: Exactness { .exact }

    /// The shape of x with the count.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try require(operands, 0, "the input")
        guard count >= 0 else { throw mismatch("negative count", found: "\(count)") }
        guard let shape = x.shape else { return [Fact(x.type, nil), Fact(.i32, nil)] }
        guard let last = shape.last, count <= last.value ?? .max else {
            throw mismatch("there are fewer elements", expected: "\(count)", found: shape.text)
        }
        let result: [Dimension] = shape.dropLast() + [.known(count)]
        return [Fact(x.type, result), Fact(.i32, result)]
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let kinds = try resultKinds(operands)
        let x = try given(operands, 0)
        let axis = x.shape.count - 1
        let indices = ReferenceTensor(.i32, kinds[1].shape) { position in
            let rank = position[axis]
            let line = x.line(through: Array(position[..<axis]) + [0], along: [axis]).map { x.values[$0] }
            // An element's rank is the number of those that come before it.
            let place = line.indices.first { index in
                let before = line.indices.count { other in
                    line[other] > line[index] || (line[other] == line[index] && other < index)
                }
                return before == rank
            }
            return Double(place ?? 0)
        }
        let values = ReferenceTensor(kinds[0].type, kinds[0].shape) { position in
            x[Array(position[..<axis]) + [Int(indices[position])]]
        }
        return [values, indices]
    }

    /// Each line sorted.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let x = call.operand(0)
        guard let extent = x.shape.last, extent > 0, count > 0 else { return }
        for line in 0..<x.count / extent {
            let start = line * extent
            let order = (0..<extent).sorted { left, right in
                let (first, second) = (x.double(at: start + left), x.double(at: start + right))
                return first > second || (first == second && left < right)
            }
            for rank in 0..<count {
                call.results[0]?.copy(1, from: x, at: start + order[rank], to: line * count + rank)
                call.results[1]?.integers[line * count + rank] = Int64(order[rank])
            }
        }
    }
}
