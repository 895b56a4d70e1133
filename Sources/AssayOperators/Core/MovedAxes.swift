// Lines along any axes as contiguous rows: in place where the axes are the last ones, else moved there and back.

import AssayTensors

/// The lines of a dense value along some of its axes.
struct MovedAxes {
    /// The extents, the kept axes first.
    private let shape: [Int]
    /// The strides in the value, in that order.
    private let strides: [Int]
    /// The number of lines.
    let lineCount: Int
    /// The number of elements of one.
    let lineLength: Int
    /// Whether lines lie contiguously already.
    let isContiguous: Bool

    /// The lines along `axes`, which are resolved, of a dense value of `shape`.
    init(shape: [Int], axes: [Int]) {
        let kept = shape.indices.filter { !axes.contains($0) }
        let order = kept + axes.sorted()
        let dense = Shape(shape).strides
        self.shape = order.map { shape[$0] }
        strides = order.map { dense[$0] }
        lineCount = kept.reduce(1) { $0 * shape[$1] }
        lineLength = axes.reduce(1) { $0 * shape[$1] }
        isContiguous = order.filter { shape[$0] != 1 } == shape.indices.filter { shape[$0] != 1 }
    }

    /// Gathers the lines of `x` as rows of `target`.
    func gather<Scalar: FastScalar>(
        _ x: FastTensor<Scalar>, into target: UnsafeMutableRawPointer, threads: ThreadPool
    ) {
        StridedCopy(shape: shape, sourceStrides: strides)
            .run(from: x.start, to: target, elementBytes: x.elementBytes, threads: threads)
    }

    /// Puts rows back to where their lines stand in `x`.
    func scatter<Scalar: FastScalar>(
        _ source: UnsafeRawPointer, into x: FastTensor<Scalar>, threads: ThreadPool
    ) {
        StridedCopy(shape: shape, sourceStrides: Shape(shape).strides, targetStrides: strides)
            .run(from: source, to: x.start, elementBytes: x.elementBytes, threads: threads)
    }

    /// Computes every line of `y` from the same line of `x` by `body`, which gets both rows and their length. The
    /// workspace has as many elements as `y`, unless lines are contiguous. Integers are turned into reals in `y` first.
    func apply<Scalar: FastScalar>(
        from x: FastTensor<Scalar>, to y: FastTensor<Scalar>, workspace: UnsafeMutablePointer<Scalar>,
        threads: ThreadPool, _ body: @Sendable (UnsafePointer<Scalar>, UnsafeMutablePointer<Scalar>, Int) -> Void
    ) {
        let lineLength = lineLength
        let moved = FastTensor<Scalar>(type: y.type, shape: y.shape, start: workspace)
        let source = x.reals(orInto: y)
        if !isContiguous { gather(source, into: workspace, threads: threads) }
        let (from, to) = isContiguous ? (source, y) : (moved, moved)
        threads.forEachPart(lineCount, pieceCost: 4 * lineLength) { lines in
            for line in lines { body(from.reals + line * lineLength, to.reals + line * lineLength, lineLength) }
        }
        if !isContiguous { scatter(workspace, into: y, threads: threads) }
    }

    /// The workspace of `apply`, in elements.
    static func workspaceCount(_ shape: Shape?, axes: [Int]) -> Int {
        guard let shape else { return 0 }
        let lines = MovedAxes(shape: shape.extents, axes: axes.map { $0.axis(of: shape.rank) })
        return lines.isContiguous ? 0 : shape.count
    }
}

extension FastCall {
    /// Computes every line of result 0 along `axes` from the same line of operand 0 by `body`, which gets both as rows and
    /// their length, in the workspace that `MovedAxes.workspaceCount` says.
    func forEachLine(
        along axes: [Int], _ body: @Sendable (UnsafePointer<Scalar>, UnsafeMutablePointer<Scalar>, Int) -> Void
    ) {
        forEachLine(of: operand(0), along: axes, body)
    }

    /// The same with other values in the place of operand 0.
    func forEachLine(
        of x: FastTensor<Scalar>, along axes: [Int],
        _ body: @Sendable (UnsafePointer<Scalar>, UnsafeMutablePointer<Scalar>, Int) -> Void
    ) {
        let y = result()
        guard y.count > 0 else { return }
        MovedAxes(shape: y.shape, axes: axes.map { $0.axis(of: y.rank) })
            .apply(from: x, to: y, workspace: workspace, threads: threads, body)
    }
}

extension FastTensor {
    /// The value itself where it is real, else its elements as reals in `target`, which has the same shape.
    func reals(orInto target: FastTensor) -> FastTensor {
        guard storage != .real else { return self }
        for index in 0..<count { target.reals[index] = scalar(at: index) }
        return target
    }
}
