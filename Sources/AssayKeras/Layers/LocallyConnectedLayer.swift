// LocallyConnected1D and LocallyConnected2D: convolutions with a kernel of its own at every position.

import AssayGraph
import AssayOperators
import AssayTensors

/// y = activation(window · kernel of the position + bias of the position). Keras stores the kernels in one of three ways: by
/// position, as a dense matrix with much that is not used, or as the used elements of that matrix.
struct LocallyConnectedLayer: KerasLayer {
    static let classNames = ["LocallyConnected1D", "LocallyConnected2D"]

    private let arguments: ConvolutionArguments
    private let filters: Int
    private let implementation: Int

    /// The most elements of all kernels together, for those that have to be put in order.
    private static let largestKernel = 1 << 26

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        arguments = try ConvolutionArguments(configuration)
        filters = try configuration.count("filters")
        implementation = try configuration.integer("implementation", default: 1, in: 1...3)
    }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        let x = try call.input()
        let channels = try arguments.layout.channels(of: x, in: call)
        let shape = try call.shape(of: x)
        let extents = arguments.layout.axes.compactMap { shape[$0].value }
        guard extents.count == arguments.layout.count, let channels = channels.value, channels > 0,
            !arguments.layout.channelsFirst
        else { throw call.configuration.notRunnable("the size of its input is not known, or channels come first") }
        let windows = LocalWindows(arguments, extents: extents, channels: channels, filters: filters)
        guard let count = windows.elementCount, count <= LocallyConnectedLayer.largestKernel else {
            throw call.configuration.invalid("kernel_size", expected: "kernels that fit the input")
        }
        let kernel = try kernel(windows, call)
        let bias =
            arguments.usesBias ? try call.weight("bias", (windows.counts + [filters]).map { .known($0) }) : nil
        let padded = try call.add(Pad(amounts: [[0, 0]] + windows.padding + [[0, 0]], mode: .constant, value: 0), x)
        let connected = LocallyConnected(window: arguments.kernelSize, strides: arguments.strides)
        return [try arguments.activation.apply(to: call.add(connected, padded, kernel, bias), in: call)]
    }

    /// The kernels as the operator takes them: position, element of the window with its channels, filter.
    private func kernel(_ windows: LocalWindows, _ call: KerasCall) throws(AssayError) -> ValueID {
        let shape = [windows.positions, windows.depth, filters]
        guard implementation != 1 else { return try call.weight("kernel", shape.map { .known($0) }) }
        let dense = windows.extents + [windows.channels] + windows.counts + [filters]
        let used = windows.usedElements
        let stored = implementation == 2 ? dense : [used.compactMap { $0 }.count]
        let kernel = try call.weight("kernel", stored.map { .known($0) })
        // Elements of the windows that lie outside the input have no weight: they take the zero behind the last one.
        let flat = try call.add(Reshape([.fixed(stored.reduce(1, *))]), kernel)
        let padded = try call.add(Pad(amounts: [[0, 1]], mode: .constant, value: 0), flat)
        let none = Int64(stored.reduce(1, *))
        var places = [Int64](repeating: none, count: used.count)
        if implementation == 2 {
            for (index, place) in used.enumerated() { if let place { places[index] = Int64(place) } }
        } else {
            // Only the used elements are stored, those of one element of the output after those of another.
            let order = used.indices.filter { used[$0] != nil }.sorted { windows.precedes($0, $1, used) }
            for (rank, index) in order.enumerated() { places[index] = Int64(rank) }
        }
        return try call.add(Gather(axis: 0), padded, call.constant(Tensor(places, shape: Shape(shape))))
    }
}

/// The windows of a locally connected layer over an input of known extents, channels last.
private struct LocalWindows {
    let extents: [Int]
    let channels: Int
    let filters: Int
    let kernel: [Int]
    let strides: [Int]
    /// How many windows there are along each axis.
    let counts: [Int]
    /// Where the first window begins, counted back from the first element.
    let before: [Int]

    init(_ arguments: ConvolutionArguments, extents: [Int], channels: Int, filters: Int) {
        self.extents = extents
        self.channels = channels
        self.filters = filters
        kernel = arguments.kernelSize
        strides = arguments.strides
        let isSame = arguments.padding == .same
        before = arguments.kernelSize.map { isSame ? $0 / 2 : 0 }
        counts = extents.indices.map { axis in
            let places = isSame ? extents[axis] : extents[axis] - arguments.kernelSize[axis] + 1
            return max(0, (places + arguments.strides[axis] - 1) / arguments.strides[axis])
        }
    }

    var positions: Int { counts.reduce(1, *) }
    var depth: Int { kernel.reduce(channels, *) }

    /// The elements of all kernels; nil where that is no number.
    var elementCount: Int? {
        (counts + kernel + [channels, filters]).reduce(Optional(1)) { product, factor in
            guard let product, factor > 0 else { return nil }
            let (result, overflow) = product.multipliedReportingOverflow(by: factor)
            return overflow ? nil : result
        }
    }

    /// What the windows reach over the ends of each axis.
    var padding: [[Int]] {
        extents.indices.map { axis in
            [before[axis], max(0, (counts[axis] - 1) * strides[axis] + kernel[axis] - before[axis] - extents[axis])]
        }
    }

    /// For each element of the kernels (position, element of the window, channel, filter) its place in the dense matrix
    /// (element of the input, channel, position, filter); nil for one outside the input.
    var usedElements: [Int?] {
        var used: [Int?] = []
        for position in 0..<positions {
            let start = digits(position, counts)
            for tap in 0..<kernel.reduce(1, *) {
                let offset = digits(tap, kernel)
                let place = extents.indices.map { start[$0] * strides[$0] + offset[$0] - before[$0] }
                let isInside = zip(place, extents).allSatisfy { $0 >= 0 && $0 < $1 }
                let element = zip(place, extents).reduce(0) { $0 * $1.1 + $1.0 }
                for channel in 0..<channels {
                    for filter in 0..<filters {
                        used.append(
                            isInside ? ((element * channels + channel) * positions + position) * filters + filter : nil)
                    }
                }
            }
        }
        return used
    }

    /// Whether one element of the kernels is stored before another: by element of the output, then of the input.
    func precedes(_ first: Int, _ second: Int, _ used: [Int?]) -> Bool {
        let outputs = positions * filters
        guard let one = used[first], let other = used[second] else { return false }
        return (one % outputs, one / outputs) < (other % outputs, other / outputs)
    }

    private func digits(_ number: Int, _ extents: [Int]) -> [Int] {
        var rest = number
        return extents.reversed().map { extent in
            defer { rest /= extent }
            return rest % extent
        }.reversed()
    }
}
