// CategoryEncoding: numbers of categories as vectors of zeros and ones.

import AssayGraph
import AssayOperators
import AssayTensors

/// y[…, d] = whether, or how often, category d stands in x.
struct CategoryEncodingLayer: KerasLayer {
    static let classNames = ["CategoryEncoding"]

    private let encoder: CategoryEncoder

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        encoder = try CategoryEncoder(
            configuration, depth: configuration.count("num_tokens"), default: .multiHot)
    }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        [try encoder.encode(call.input(), weights: call.tensor("count_weights", at: 1), call)]
    }
}

/// How layers that give numbers of categories give them out (`output_mode`).
struct CategoryEncoder {
    /// What comes out.
    enum Mode: String {
        /// The numbers themselves.
        case int
        /// A one at the place of each.
        case oneHot = "one_hot"
        /// A one at the place of each that stands in the row.
        case multiHot = "multi_hot"
        /// How often each stands in the row.
        case count
    }

    let mode: Mode
    private let depth: Int
    private let type: ElementType

    init(_ configuration: KerasConfiguration, depth: Int, default standard: Mode = .int) throws(AssayError) {
        let name = try configuration.string("output_mode", default: standard.rawValue)
        guard let mode = Mode(rawValue: name == "binary" ? "multi_hot" : name) else {
            throw configuration.invalid("output_mode", expected: "int, one_hot, multi_hot or count")
        }
        self.mode = mode
        self.depth = depth
        // Keras 3 notes the type of its floats also where it gives integers.
        let noted = try configuration.computeType()
        type = mode == .int && noted.isFloatingPoint ? (configuration.generation == .keras3 ? .i32 : .i64) : noted
    }

    /// The numbers `x`, as the mode wants them.
    func encode(_ x: ValueID, weights: ValueID? = nil, _ call: KerasCall) throws(AssayError) -> ValueID {
        guard mode != .int else { return try cast(x, call) }
        let shape = try call.shape(of: x)
        guard !shape.isEmpty else { throw call.configuration.notRunnable("its input is a scalar") }
        var numbers = x
        if mode == .oneHot, shape.count > 1, shape.last == 1 { numbers = try call.add(Squeeze(axes: [-1]), x) }
        if !call.fact(of: numbers).type.isInteger { numbers = try call.add(Cast(.i64), numbers) }
        var places = try call.add(OneHot(depth: depth), numbers)
        if let weights { places = try call.add(Binary(.multiply), places, call.add(ExpandDims(axes: [-1]), weights)) }
        switch mode {
        case .int, .oneHot: break
        case .multiHot: places = try call.add(Reduce(.max, axes: [-2], keepDimensions: false), places)
        case .count: places = try call.add(Reduce(.sum, axes: [-2], keepDimensions: false), places)
        }
        return try cast(places, call)
    }

    private func cast(_ x: ValueID, _ call: KerasCall) throws(AssayError) -> ValueID {
        call.fact(of: x).type == type ? x : try call.add(Cast(type), x)
    }
}
