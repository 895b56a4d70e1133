// Definitions by position: the reference evaluations say what stands at each position of a result.

import AssayGraph
import AssayTensors

extension ReferenceTensor {
    /// A value whose element at each position is what `element` says.
    init<Failure: Error>(
        _ type: ElementType, _ shape: [Int], element: ([Int]) throws(Failure) -> Double
    ) throws(Failure) {
        self.init(type, zeros: shape)
        var position = [Int](repeating: 0, count: shape.count)
        for index in values.indices {
            values[index] = try element(position)
            for axis in stride(from: shape.count - 1, through: 0, by: -1) {
                position[axis] += 1
                if position[axis] < shape[axis] { break }
                position[axis] = 0
            }
        }
    }

    /// The element at a position.
    subscript(position: [Int]) -> Double { values[offset(position)] }

    /// The element that stands at `position` of a larger shape once this value is broadcast to it.
    func broadcast(_ position: [Int]) -> Double {
        let missing = position.count - shape.count
        var offset = 0
        for axis in shape.indices {
            offset = offset * shape[axis] + (shape[axis] == 1 ? 0 : position[missing + axis])
        }
        return values[offset]
    }

    /// The offsets of all elements that agree with `position` except along `axes`, in row-major order.
    func line(through position: [Int], along axes: [Int]) -> [Int] {
        var offsets = [offset(position) - axes.reduce(0) { $0 + position[$1] * strides[$1] }]
        for axis in axes {
            offsets = offsets.flatMap { start in (0..<shape[axis]).map { start + $0 * strides[axis] } }
        }
        return offsets
    }

    /// The offsets of the elements of each line along `axes`, which may be negative; in row-major order within a line.
    func lines(along axes: [Int]) -> [[Int]] {
        guard count > 0 else { return [] }
        let axes = axes.map { $0 < 0 ? $0 + shape.count : $0 }.sorted()
        return values.indices.compactMap { offset in
            let position = position(offset)
            return axes.allSatisfy { position[$0] == 0 } ? line(through: position, along: axes) : nil
        }
    }

    /// What a shape rule may know of this value.
    var fact: Fact {
        var fact = Fact(type, Shape(shape))
        if type.isInteger, count <= 1024 {
            // The largest integer, which bounds of slices have for "all", is no Double: the next one is.
            fact.integers = values.map { .known(Int(exactly: $0) ?? ($0 > 0 ? .max : .min)) }
        }
        return fact
    }
}

extension Array where Element == ReferenceTensor? {
    /// The operand at `index`, nil where it is left out or there are not so many.
    subscript(optional index: Int) -> ReferenceTensor? { indices.contains(index) ? self[index] : nil }
}

extension Operator {
    /// The operand at `index`, which must be there.
    ///
    /// - Throws: `AssayError.unreadable` when it is left out.
    func given(_ operands: [ReferenceTensor?], _ index: Int) throws(AssayError) -> ReferenceTensor {
        guard let operand = operands[optional: index] else { throw mismatch("operand \(index) is missing") }
        return operand
    }

    /// The type and shape of each result, by the shape rule.
    ///
    /// - Throws: `AssayError.unreadable` when the operands do not fit.
    func resultKinds(_ operands: [ReferenceTensor?]) throws(AssayError) -> [(type: ElementType, shape: [Int])] {
        var kinds: [(ElementType, [Int])] = []
        for fact in try infer(operands.map { $0?.fact }) {
            guard let shape = fact.knownShape else { throw mismatch("the result's shape depends on values") }
            kinds.append((fact.type, shape.extents))
        }
        return kinds
    }

    /// The type and shape of the only result, by the shape rule.
    ///
    /// - Throws: `AssayError.unreadable` when the operands do not fit.
    func resultKind(_ operands: [ReferenceTensor?]) throws(AssayError) -> (type: ElementType, shape: [Int]) {
        let kinds = try resultKinds(operands)
        guard let first = kinds.first else { throw mismatch("there is no result") }
        return first
    }
}
