// Attention over some of the middle axes of an input: they are brought together, and the others go with the batch.

import AssayGraph
import AssayOperators
import AssayTensors

/// How a value `[batch, middle…, heads, width]` becomes `[batch, positions, heads, width]`, and back.
struct AttentionAxes {
    /// The number of axes, with heads and width.
    private let rank: Int
    /// The axes that positions are counted over.
    private let attended: [Int]
    /// The axes that go with the batch, the batch's own first.
    private let batch: [Int]

    /// - Throws: `AssayError.unreadable` when `axes` are no axes between batch and features; nil stands for all of them.
    init(_ axes: [Int]?, rank: Int, in call: KerasCall) throws(AssayError) {
        self.rank = rank
        guard rank >= 4 else { throw call.configuration.unsupported("takes inputs of three axes or more") }
        let middle = 1..<rank - 2
        var attended: [Int] = []
        // An axis is one of the input, which has one axis for heads and width.
        for axis in axes ?? Array(middle) { attended.append(try call.resolved(axis: axis, rank: rank - 1)) }
        guard !attended.isEmpty, Set(attended).count == attended.count, attended.allSatisfy(middle.contains) else {
            throw call.configuration.invalid("attention_axes", expected: "axes between batch and features")
        }
        self.attended = attended
        batch = [0] + middle.filter { !attended.contains($0) }
    }

    /// Whether values have the wanted axes as they are.
    var isPlain: Bool { rank == 4 }

    private var order: [Int] { batch + attended + [rank - 2, rank - 1] }

    /// x with the attended axes as one, and the others as the batch.
    func merge(_ x: ValueID, in call: KerasCall) throws(AssayError) -> ValueID {
        if isPlain { return x }
        let moved = order == Array(0..<rank) ? x : try call.add(Transpose(order: order), x)
        return try call.add(
            Reshape([
                .product(of: 0..<batch.count), .product(of: batch.count..<rank - 2), .copied(axis: rank - 2),
                .copied(axis: rank - 1),
            ]), moved)
    }

    /// A mask `[batch…, target…, source…]`, some of whose axes may be missing behind the batch or have one element, as
    /// one that broadcasts to `[batch, heads, target, source]`. `query` and `key` are the shapes of what attends.
    func merge(
        mask: ValueID, query: [Dimension], key: [Dimension], in call: KerasCall
    ) throws(AssayError) -> ValueID {
        let positions = 2 * attended.count
        let missing = batch.count + 1 + positions - (try call.shape(of: mask).count)
        let front = batch.count + 1 - missing
        guard missing >= 0, front >= 0 else {
            throw call.configuration.unsupported("takes no mask of shape \(try call.shape(of: mask).text)")
        }
        // Keras puts the missing axes before those of the positions.
        let whole = missing == 0 ? mask : try call.add(ExpandDims(axes: Array(front..<front + missing)), mask)
        if isPlain { return whole }
        // Axes can be taken as one only where none of them is still to be stretched.
        let extents = batch.map { query[$0] } + [1] + attended.map { query[$0] } + attended.map { key[$0] }
        let stretched = try call.add(BroadcastTo(shape: extents.map { .fixed($0.value ?? 1) }), whole)
        let middle = batch.count + 1
        return try call.add(
            Reshape([
                .product(of: 0..<batch.count), .copied(axis: batch.count),
                .product(of: middle..<middle + attended.count),
                .product(of: middle + attended.count..<middle + positions),
            ]), stretched)
    }

    /// Whether positions are counted over one axis, so that one is before another.
    var hasOrder: Bool { attended.count == 1 }

    /// What attention makes of a query of `shape`, in the query's axes.
    func split(_ y: ValueID, like shape: [Dimension], in call: KerasCall) throws(AssayError) -> ValueID {
        if isPlain { return y }
        let extents = (batch + attended).map { shape[$0] }
        let split = try reshaped(y, extents + call.shape(of: y).suffix(2), in: call)
        let back = (0..<rank).map { order.firstIndex(of: $0) ?? $0 }
        return back == Array(0..<rank) ? split : try call.add(Transpose(order: back), split)
    }

    /// Probabilities `[batch, heads, target, source]` with the axes of query and key apart.
    func splitScores(
        _ scores: ValueID, query: [Dimension], key: [Dimension], in call: KerasCall
    ) throws(AssayError) -> ValueID {
        if isPlain { return scores }
        let extents =
            batch.map { query[$0] } + [query[rank - 2]] + attended.map { query[$0] } + attended.map { key[$0] }
        return try reshaped(scores, extents, in: call)
    }

    /// x under a shape of which one extent may be unknown.
    private func reshaped(_ x: ValueID, _ shape: [Dimension], in call: KerasCall) throws(AssayError) -> ValueID {
        guard shape.filter({ $0.value == nil }).count <= 1 else {
            throw call.configuration.unsupported("more than one extent of its input is not known")
        }
        return try call.add(Reshape(shape.map { dimension in dimension.value.map { .fixed($0) } ?? .inferred }), x)
    }
}
