// Operators that move elements and compute nothing: shapes, order, parts, copies.

import AssayGraph
import AssayOperators
import AssayTensors

/// Shapes and order of elements.
enum MovementOperators {
    /// Operands one behind the other.
    static func concatenate(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        guard let axis = try call.attributes.integer("axis") else { throw .unreadable("does not say the axis") }
        return try call.addAll(Concatenate(axis: axis), call.operands)
    }

    /// Copies along axes of one element.
    static func expand(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand(0)
        // To the shape that it has, or to ones: nothing is copied.
        if let shape = call.fact(x).shape, let target = call.fact(try call.operand(1)).integers,
            target.count <= shape.count, zip(target.reversed(), shape.reversed()).allSatisfy({ $0 == $1 || $0 == 1 })
        {
            return [x]
        }
        return [try call.add(BroadcastTo(shape: []), x, call.operand(1))]
    }

    /// Two axes: those before `axis`, and those from it on.
    static func flatten(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand(0)
        let rank = try call.shape(x).count
        let given = try call.integer("axis", 1)
        let axis = given < 0 ? given + rank : given
        guard (0...rank).contains(axis) else { throw .unreadable("no axis \(given)", expected: "one of \(rank) axes") }
        return [try call.add(Reshape([.product(of: 0..<axis), .product(of: axis..<rank)]), x)]
    }

    /// Slices by number.
    static func gather(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        [try call.add(Gather(axis: call.integer("axis", 0)), call.operand(0), call.operand(1))]
    }

    /// Elements by number.
    static func gatherElements(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        [try call.add(GatherElements(axis: call.integer("axis", 0)), call.operand(0), call.operand(1))]
    }

    /// Slices by position.
    static func gatherND(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        let operation = GatherND(batchDimensions: try call.integer("batch_dims", 0))
        return [try call.add(operation, call.operand(0), call.operand(1))]
    }

    /// Another shape, given as an input; zeros in it copy an extent unless `allowzero` says that they are zeros.
    static func reshape(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand(0)
        if try call.flag("allowzero"), let target = try call.knownIntegers(1), target.contains(0) {
            return [try call.add(Reshape(target.map { $0 == -1 ? .inferred : .fixed($0) }), x)]
        }
        return [try call.add(Reshape([]), x, call.operand(1))]
    }

    /// The extents of a range of axes.
    static func shape(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        let shape = try call.add(ShapeOf(), call.operand(0))
        let (start, end) = (try call.integer("start", 0), try call.attributes.integer("end"))
        if start == 0, end == nil { return [shape] }
        return [try call.add(Slice(axes: [0], starts: [start], stops: [end], steps: [1]), shape)]
    }

    /// The number of elements.
    static func size(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        [try call.add(Reduce(.product, axes: [0], keepDimensions: false), call.add(ShapeOf(), call.operand(0)))]
    }

    /// Axes of one element taken away.
    static func squeeze(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        let axes = try call.integers("axes", input: 1, since: 13)
        return [try call.add(Squeeze(axes: axes ?? []), call.operand(0))]
    }

    /// New axes of one element.
    static func unsqueeze(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        guard let axes = try call.integers("axes", input: 1, since: 13) else {
            throw .unreadable("does not say the axes")
        }
        return [try call.add(ExpandDims(axes: axes), call.operand(0))]
    }

    /// Copies side by side.
    static func tile(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        guard let repeats = try call.knownIntegers(1) else { throw .unreadable("does not say how often") }
        return [try call.add(Tile(repeats: repeats), call.operand(0))]
    }

    /// Axes in another order, the opposite one unless an attribute says more.
    static func transpose(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand(0)
        let given = try call.attributes.integers("perm")
        let reversed = Array(try call.shape(x).indices.reversed())
        return [try call.add(Transpose(order: given ?? reversed), x)]
    }

    /// The part of a matrix on one side of a diagonal.
    static func triangle(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        let diagonal = try call.knownIntegers(1)?.first ?? 0
        return [try call.add(Triangle(upper: call.flag("upper", true), diagonal: diagonal), call.operand(0))]
    }

    /// The first elements of each sequence in the opposite order.
    static func reverseSequence(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        let operation = ReverseSequence(
            timeAxis: try call.integer("time_axis", 0), batchAxis: try call.integer("batch_axis", 1))
        return [try call.add(operation, call.operand(0), call.operand(1))]
    }

    /// Updates at positions.
    static func scatterND(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        let operation = ScatterND(reduction: try reduction(call))
        return [try call.add(operation, call.operand(0), call.operand(1), call.operand(2))]
    }

    /// Updates at numbers along an axis.
    static func scatterElements(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        let operation = ScatterElements(axis: try call.integer("axis", 0), reduction: try reduction(call))
        return [try call.add(operation, call.operand(0), call.operand(1), call.operand(2))]
    }

    private static func reduction(_ call: ONNXCall) throws(AssayError) -> ScatterReduction {
        switch try call.text("reduction", "none") {
        case "none": return .replace
        case "add": return .add
        case "mul": return .multiply
        case "max": return .maximum
        case "min": return .minimum
        case let name: throw call.unsupported("the reduction '\(name)' is not known here")
        }
    }

    // MARK: Blocks

    /// Channels into blocks of places.
    static func depthToSpace(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand(0)
        let (channels, block) = try blocks(call, x, isDeep: true)
        let isColumnFirst = try call.text("mode", "DCR") == "CRD"
        let parts: [ReshapeExtent] =
            isColumnFirst
            ? [.fixed(channels), .fixed(block), .fixed(block)] : [.fixed(block), .fixed(block), .fixed(channels)]
        let split = try call.add(Reshape([.copied(axis: 0)] + parts + [.copied(axis: 2), .copied(axis: 3)]), x)
        let order = isColumnFirst ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2]
        let moved = try call.add(Transpose(order: order), split)
        return [
            try call.add(
                Reshape([.copied(axis: 0), .copied(axis: 1), .product(of: 2..<4), .product(of: 4..<6)]), moved)
        ]
    }

    /// Blocks of places into channels.
    static func spaceToDepth(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand(0)
        let (_, block) = try blocks(call, x, isDeep: false)
        let (rows, columns) = (try call.extent(x, axis: 2), try call.extent(x, axis: 3))
        guard rows % block == 0, columns % block == 0 else { throw .unreadable("the blocks do not fill the image") }
        let split = try call.add(
            Reshape([
                .copied(axis: 0), .copied(axis: 1), .fixed(rows / block), .fixed(block), .fixed(columns / block),
                .fixed(block),
            ]), x)
        let isColumnFirst = try call.text("mode", "DCR") == "CRD"
        let moved = try call.add(Transpose(order: isColumnFirst ? [0, 1, 3, 5, 2, 4] : [0, 3, 5, 1, 2, 4]), split)
        return [
            try call.add(
                Reshape([.copied(axis: 0), .product(of: 1..<4), .copied(axis: 4), .copied(axis: 5)]), moved)
        ]
    }

    /// The channels of a result and the edge of a block.
    private static func blocks(
        _ call: ONNXCall, _ x: ValueID, isDeep: Bool
    ) throws(AssayError) -> (channels: Int, block: Int) {
        guard try call.shape(x).count == 4, let block = try call.attributes.integer("blocksize"),
            (1...1 << 12).contains(block)
        else { throw .unreadable("needs four axes and a size of blocks") }
        let channels = try call.extent(x, axis: 1)
        guard !isDeep || channels % (block * block) == 0 else {
            throw .unreadable("the channels do not fill the blocks")
        }
        return (isDeep ? channels / (block * block) : channels, block)
    }
}
