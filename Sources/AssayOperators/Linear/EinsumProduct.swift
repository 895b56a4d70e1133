// An Einsum of two operands as batches of matrix products: [batch, m, k] · [batch, k, n] = [batch, m, n].

import AssayTensors

/// The matrix products that an equation over two operands stands for.
struct EinsumProduct<Scalar: FastScalar> {
    private let equation: EinsumEquation
    private let left: Side
    private let right: Side
    private let result: FastTensor<Scalar>
    private let labels: (batch: [Int], m: [Int], n: [Int], k: [Int])
    private let extents: [Int: Int]

    /// One operand and its number in the equation.
    private struct Side {
        let number: Int
        let tensor: FastTensor<Scalar>
    }

    /// Nil where the equation is no matrix product: another number of operands, a diagonal, an axis that one operand
    /// alone sums over, an axis that is stretched, or integers.
    init?(_ equation: EinsumEquation, _ operands: [FastTensor<Scalar>], _ y: FastTensor<Scalar>) {
        guard operands.count == 2, operands.allSatisfy({ $0.storage == .real }) else { return nil }
        extents = equation.extents(operands.map(\.shape))
        for (labels, tensor) in zip(equation.operands, operands) {
            guard Set(labels).count == labels.count else { return nil }
            for (label, extent) in zip(labels, tensor.shape) where extents[label] != extent { return nil }
        }
        let (first, second) = (Set(equation.operands[0]), Set(equation.operands[1]))
        guard equation.summed.allSatisfy({ first.contains($0) && second.contains($0) }) else { return nil }
        // The operand that has the result's last axis stands on the right, so that its columns are the result's.
        let swapped = equation.result.last.map { first.contains($0) && !second.contains($0) } ?? false
        let sides = [Side(number: 0, tensor: operands[0]), Side(number: 1, tensor: operands[1])]
        (left, right) = swapped ? (sides[1], sides[0]) : (sides[0], sides[1])
        let (mine, theirs) = swapped ? (second, first) : (first, second)
        labels = (
            equation.result.filter { mine.contains($0) && theirs.contains($0) },
            equation.result.filter { mine.contains($0) && !theirs.contains($0) },
            equation.result.filter { !mine.contains($0) && theirs.contains($0) },
            // In the order of the right operand, whose rows they are.
            equation.operands[swapped ? 0 : 1].filter { equation.summed.contains($0) }
        )
        self.equation = equation
        result = y
    }

    private func count(_ labels: [Int]) -> Int { labels.reduce(1) { $0 * (extents[$1] ?? 1) } }

    /// Brings the axes into order, multiplies, and brings the result's into theirs.
    func run(_ call: FastCall<Scalar>) {
        guard result.count > 0 else { return }
        let (batches, m, n, k) = (count(labels.batch), count(labels.m), count(labels.n), count(labels.k))
        var workspace = call.workspace
        let a = arrange(left, labels.batch + labels.m + labels.k, &workspace, call.threads)
        // A right operand stored as [batch, n, k] is multiplied as it lies.
        let transposeB = equation.operands[right.number] == labels.batch + labels.n + labels.k && !labels.k.isEmpty
        let b =
            transposeB
            ? right.tensor : arrange(right, labels.batch + labels.k + labels.n, &workspace, call.threads)
        let order = labels.batch + labels.m + labels.n
        let c = equation.result == order ? result : result.moved(to: workspace)
        let ldb = transposeB ? k : n
        if batches == 1 {
            Scalar.sharedMatrixProduct(
                m: m, n: n, k: k, a.reals, lda: k, b.reals, ldb: ldb, transposeB: transposeB, c.reals, ldc: n,
                threads: call.threads)
        } else {
            call.threads.forEachPart(batches, pieceCost: m * n * k / 16) { range in
                for batch in range {
                    Scalar.matrixProduct(
                        transposeA: false, transposeB: transposeB, m: m, n: n, k: k, alpha: 1,
                        a.reals + batch * m * k, lda: k, b.reals + batch * k * n, ldb: ldb, beta: 0,
                        c.reals + batch * m * n, ldc: n)
                }
            }
        }
        guard equation.result != order else { return }
        let shape = order.map { extents[$0] ?? 1 }
        let strides = Dictionary(uniqueKeysWithValues: zip(equation.result, result.strides))
        StridedCopy(shape: shape, sourceStrides: Shape(shape).strides, targetStrides: order.map { strides[$0] ?? 0 })
            .run(from: c.start, to: result.start, elementBytes: result.elementBytes, threads: call.threads)
    }

    /// The operand with its axes in `order`: itself, or moved into the workspace.
    private func arrange(
        _ side: Side, _ order: [Int], _ workspace: inout UnsafeMutablePointer<Scalar>, _ threads: ThreadPool
    ) -> FastTensor<Scalar> {
        guard equation.operands[side.number] != order else { return side.tensor }
        let moved = side.tensor.moved(to: workspace)
        workspace += moved.count
        StridedCopy(
            shape: order.map { extents[$0] ?? 1 },
            sourceStrides: equation.strides(side.number, side.tensor.shape, along: order)
        )
        .run(from: side.tensor.start, to: moved.start, elementBytes: moved.elementBytes, threads: threads)
        return moved
    }
}

extension FastTensor {
    /// As many elements elsewhere, in an order of their own.
    func moved(to start: UnsafeMutablePointer<Scalar>) -> FastTensor {
        FastTensor(type: type, shape: [count], start: UnsafeMutableRawPointer(start))
    }
}
