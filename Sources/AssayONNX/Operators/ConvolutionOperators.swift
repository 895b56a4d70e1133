// Convolutions and poolings, whose channels stand before the spatial axes.

import AssayGraph
import AssayOperators
import AssayTensors

/// What slides windows over spatial axes.
enum ConvolutionOperators {
    /// The attributes of windows that convolutions and poolings share; one entry for each spatial axis.
    private struct Windows {
        let strides: [Int]
        let dilations: [Int]
        let padding: ConvolutionPadding
    }

    /// Convolution, with the activation that ONNX Runtime fuses into it.
    static func convolution(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        let (x, weights) = (try call.operand(0), try call.operand(1))
        let rank = try call.shape(weights).count
        let kernel = try kernelExtents(call, weights)
        let windows = try windows(call, x, kernel)
        let groups = try call.integer("group", 1)
        // [out, in / groups, spatial…] → [spatial…, in / groups, out].
        let moved = try call.moved(weights, .transposed(.stored(0), Array(2..<rank) + [1, 0]))
        let operation = Convolution(
            strides: windows.strides, padding: windows.padding, dilations: windows.dilations, groups: groups,
            channelsFirst: true)
        var result = try call.add(operation, x, moved, call.optional(2))
        // ONNX Runtime's `FusedConv` adds another value before the activation.
        if let addend = call.optional(3) { result = try call.add(Binary(.add), result, addend) }
        return [try ProductOperators.fusedActivation(call, result)]
    }

    /// The gradient of a convolution.
    static func transposedConvolution(_ call: ONNXCall) throws(AssayError) -> [ValueID] {
        let (x, weights) = (try call.operand(0), try call.operand(1))
        let kernel = try kernelExtents(call, weights)
        let count = kernel.count
        let strides = try call.attributes.integers("strides") ?? kernel.map { _ in 1 }
        let dilations = try call.attributes.integers("dilations") ?? kernel.map { _ in 1 }
        var more = try call.attributes.integers("output_padding") ?? kernel.map { _ in 0 }
        guard strides.count == count, dilations.count == count, more.count == count else {
            throw .unreadable("attributes for another number of axes", expected: "\(count)")
        }
        // How far the result would reach without padding.
        let reach = zip(kernel, dilations).map { ($0 - 1) * $1 + 1 }
        let pads = try transposedPads(call, x, strides, reach, &more)
        // [in, out / groups, spatial…] → [spatial…, out / groups, in].
        let moved = try call.moved(weights, .transposed(.stored(0), Array(2..<count + 2) + [1, 0]))
        let operation = TransposedConvolution(
            strides: strides, padding: .explicit(pads), outputPadding: more, dilations: dilations,
            groups: try call.integer("group", 1), channelsFirst: true)
        return [try call.add(operation, x, moved, call.optional(2))]
    }

    /// The padding of a transposed convolution: as given, or what makes the wanted extents; where these are larger than
    /// the result, there is more at the end.
    private static func transposedPads(
        _ call: ONNXCall, _ x: ValueID, _ strides: [Int], _ reach: [Int], _ more: inout [Int]
    ) throws(AssayError) -> [[Int]] {
        let count = strides.count
        let mode = try call.text("auto_pad", "NOTSET")
        let wanted = try call.attributes.integers("output_shape")?.suffix(count)
        if wanted == nil, mode == "NOTSET" || mode == "VALID" {
            let pads = try call.attributes.integers("pads") ?? [Int](repeating: 0, count: 2 * count)
            guard pads.count == 2 * count else { throw .unreadable("wrong number of pads", expected: "\(2 * count)") }
            return (0..<count).map { [pads[$0], pads[count + $0]] }
        }
        var amounts: [[Int]] = []
        for axis in 0..<count {
            let extent = try call.extent(x, axis: axis + 2)
            let target = wanted.map { Array($0)[axis] } ?? extent * strides[axis]
            let difference = (extent - 1) * strides[axis] + more[axis] + reach[axis] - target
            if difference < 0 { more[axis] -= difference }
            let total = max(0, difference)
            let half = total / 2
            amounts.append(mode == "SAME_UPPER" ? [half, total - half] : [total - half, half])
        }
        return amounts
    }

    /// The maximum of windows, and where it stands.
    static func maxPool(_ call: ONNXCall) throws(AssayError) -> [ValueID] { try pool(.max, call) }

    /// The mean of windows.
    static func averagePool(_ call: ONNXCall) throws(AssayError) -> [ValueID] { try pool(.average, call) }

    private static func pool(_ kind: PoolingKind, _ call: ONNXCall) throws(AssayError) -> [ValueID] {
        let given = try call.operand(0)
        guard let size = try call.attributes.integers("kernel_shape") else { throw .unreadable("has no kernel_shape") }
        // Integers are compared as reals, which hold them.
        let type = call.type(given)
        let isNarrow = type.isInteger && type.byteCount == 1
        var x = isNarrow ? try call.add(Cast(.f32), given) : given
        var windows = try windows(call, x, size)
        var countsPadding = try call.flag("count_include_pad")
        if countsPadding, try call.flag("ceil_mode"), case .explicit(let amounts) = windows.padding {
            // What a last, partial window lacks does not count, what is given as padding does: it is put there.
            let pads = try pads(call, count: size.count)
            x = try call.add(Pad(amounts: [[0, 0], [0, 0]] + pads, mode: .constant, value: 0), x)
            let rest = zip(amounts, pads).map { [0, $0[1] - $1[1]] }
            windows = Windows(strides: windows.strides, dilations: windows.dilations, padding: .explicit(rest))
            countsPadding = false
        }
        let operation = Pooling(
            kind, size: size, strides: windows.strides, padding: windows.padding, channelsFirst: true,
            countsPadding: countsPadding, dilations: windows.dilations)
        var results = [try call.cast(call.add(operation, x), to: type)]
        if kind == .max, call.hasOutput(1) {
            let places = PoolingPlaces(
                size: size, strides: windows.strides, dilations: windows.dilations, padding: windows.padding,
                columnMajor: try call.flag("storage_order"))
            results.append(try call.add(places, x))
        }
        return results
    }

    /// One number for each channel.
    static func globalPool(_ function: ReduceFunction) -> ONNXOperator.Lowering {
        { (call) throws(AssayError) in
            let x = try call.operand(0)
            let axes = Array(try call.shape(x).indices.dropFirst(2))
            return [try call.add(Reduce(function, axes: axes, keepDimensions: true), x)]
        }
    }

    // MARK: Windows

    /// The spatial extents of a kernel.
    private static func kernelExtents(_ call: ONNXCall, _ weights: ValueID) throws(AssayError) -> [Int] {
        let shape = try call.shape(weights)
        guard shape.count > 2 else { throw .unreadable("the kernel has too few axes", found: shape.text) }
        var extents: [Int] = []
        for axis in 2..<shape.count { extents.append(try call.extent(weights, axis: axis)) }
        if let given = try call.attributes.integers("kernel_shape"), given != extents {
            throw .unreadable("kernel_shape is another than the kernel's", expected: "\(extents)", found: "\(given)")
        }
        return extents
    }

    private static func windows(_ call: ONNXCall, _ x: ValueID, _ kernel: [Int]) throws(AssayError) -> Windows {
        let count = kernel.count
        let strides = try call.attributes.integers("strides") ?? kernel.map { _ in 1 }
        let dilations = try call.attributes.integers("dilations") ?? kernel.map { _ in 1 }
        guard strides.count == count, dilations.count == count,
            (strides + dilations + kernel).allSatisfy({ (1...1 << 24).contains($0) })
        else { throw .unreadable("attributes for another number of axes", expected: "\(count)") }
        let reach = zip(kernel, dilations).map { ($0 - 1) * $1 + 1 }
        let padding: ConvolutionPadding
        switch try call.text("auto_pad", "NOTSET") {
        case "NOTSET", "": padding = try explicit(call, x, strides, reach)
        case "VALID": padding = .valid
        case "SAME_UPPER": padding = .same
        case "SAME_LOWER": padding = try lower(call, x, strides, reach)
        case let mode: throw .unreadable("unknown auto_pad '\(mode)'")
        }
        return Windows(strides: strides, dilations: dilations, padding: padding)
    }

    /// The amounts before and behind each spatial axis, as given.
    private static func pads(_ call: ONNXCall, count: Int) throws(AssayError) -> [[Int]] {
        let pads = try call.attributes.integers("pads") ?? [Int](repeating: 0, count: 2 * count)
        guard pads.count == 2 * count, pads.allSatisfy({ (0...1 << 24).contains($0) }) else {
            throw .unreadable("wrong pads", expected: "\(2 * count) amounts", found: "\(pads)")
        }
        return (0..<count).map { [pads[$0], pads[count + $0]] }
    }

    /// Padding as given; with `ceil_mode` as much more at the ends as a last, partial window takes.
    private static func explicit(
        _ call: ONNXCall, _ x: ValueID, _ strides: [Int], _ reach: [Int]
    ) throws(AssayError) -> ConvolutionPadding {
        let count = strides.count
        var amounts = try pads(call, count: count)
        if try call.flag("ceil_mode") {
            for axis in 0..<count {
                let whole = try call.extent(x, axis: axis + 2) + amounts[axis][0] + amounts[axis][1]
                let rest = (whole - reach[axis]) % strides[axis]
                guard whole >= reach[axis], rest > 0 else { continue }
                // A window that begins in the padding behind the input is none.
                let start = (whole - reach[axis]) / strides[axis] * strides[axis] + strides[axis]
                if start < whole - amounts[axis][1] { amounts[axis][1] += strides[axis] - rest }
            }
        }
        return amounts.allSatisfy { $0 == [0, 0] } ? .valid : .explicit(amounts)
    }

    /// As many windows as `.same`, the odd element in front.
    private static func lower(
        _ call: ONNXCall, _ x: ValueID, _ strides: [Int], _ reach: [Int]
    ) throws(AssayError) -> ConvolutionPadding {
        var amounts: [[Int]] = []
        for axis in strides.indices {
            let extent = try call.extent(x, axis: axis + 2)
            let windows = (extent + strides[axis] - 1) / strides[axis]
            let total = max(0, (windows - 1) * strides[axis] + reach[axis] - extent)
            amounts.append([total - total / 2, total / 2])
        }
        return .explicit(amounts)
    }
}
