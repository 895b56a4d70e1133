// What operators have in common that keep a run of each row of matrices and make the rest zero.

import AssayGraph
import AssayTensors

extension Operation {
    /// The shape of operand 0, which has matrices on its last two axes.
    func inferMatrices(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let x = try require(operands, 0, "the input")
        if let shape = x.shape, shape.count < 2 {
            throw mismatch("wrong input", expected: "two axes or more", found: shape.text)
        }
        return [Fact(x.type, x.shape)]
    }
}

extension ReferenceTensor {
    /// The elements of matrices where `isKept` says so of their row and column, zero elsewhere.
    func keeping(_ isKept: (_ row: Int, _ column: Int) -> Bool) -> ReferenceTensor {
        let rank = shape.count
        return ReferenceTensor(type, shape) { position in
            isKept(position[rank - 2], position[rank - 1]) ? self[position] : 0
        }
    }
}

extension FastCall {
    /// Makes result 0 zero, but for the columns of each row of operand 0 that `kept` names.
    func keepColumns(_ kept: (_ row: Int, _ columns: Int) -> Range<Int>) {
        let (x, y) = (operand(0), result())
        let (rows, columns) = (x.shape[x.rank - 2], x.shape[x.rank - 1])
        guard y.count > 0 else { return }
        y.start.initializeMemory(as: UInt8.self, repeating: 0, count: y.count * y.elementBytes)
        for line in 0..<y.count / columns {
            let run = kept(line % rows, columns)
            y.copy(run.count, from: x, at: line * columns + run.lowerBound, to: line * columns + run.lowerBound)
        }
    }
}
