// The view of a dense value along one axis, or several neighbouring ones: [outer, extent, inner].

/// A dense value seen as `[outer, extent, inner]`, where `extent` is the axis that an operator works along.
struct AxisSplit {
    /// The product of the extents before.
    let outer: Int
    /// The extent along the axis.
    let extent: Int
    /// The product of the extents behind: how far neighbours along the axis lie apart.
    let inner: Int

    /// The view along `axis` of `shape`.
    init(_ shape: [Int], axis: Int) {
        self.init(shape, axes: axis..<axis + 1)
    }

    /// The view along neighbouring axes of `shape`.
    init(_ shape: [Int], axes: Range<Int>) {
        outer = shape[..<axes.lowerBound].reduce(1, *)
        extent = shape[axes].reduce(1, *)
        inner = shape[axes.upperBound...].reduce(1, *)
    }

    /// The neighbouring axes that `axes` are once sorted, nil when there are gaps. Axes of one element fill gaps.
    static func range(of axes: [Int], in shape: [Int]) -> Range<Int>? {
        guard let first = axes.min(), let last = axes.max() else { return nil }
        for axis in first...last where !axes.contains(axis) && shape[axis] != 1 { return nil }
        return first..<last + 1
    }
}
