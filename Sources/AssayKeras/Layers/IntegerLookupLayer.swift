// IntegerLookup: integers as their places in a vocabulary.

import AssayGraph
import AssayOperators
import AssayTensors

/// y = the place of x in the vocabulary, behind the places for the mask and for what is not in it; an integer that is not
/// in it takes one of the latter by its remainder.
struct IntegerLookupLayer: KerasLayer {
    static let classNames = ["IntegerLookup"]

    private let vocabulary: [Int]?
    private let unknownCount: Int
    private let mask: Int?
    private let isInverse: Bool
    private let size: Int

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        vocabulary = try configuration.integers("vocabulary", in: -(1 << 53)...(1 << 53))
        unknownCount = try configuration.integer("num_oov_indices", default: 1, in: 0...(1 << 24))
        mask = configuration["mask_token"] == nil ? nil : try configuration.integer("mask_token")
        isInverse = try configuration.boolean("invert", default: false)
        let pads = try configuration.boolean("pad_to_max_tokens", default: false)
        let own = (vocabulary?.count ?? 0) + unknownCount
        size = pads ? try configuration.count("max_tokens", default: max(1, own)) : max(1, own)
    }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        let encoder = try CategoryEncoder(call.configuration, depth: size)
        guard let vocabulary, !isInverse, unknownCount > 0, mask == nil || encoder.mode == .int else {
            return try OpaqueLayer(call.configuration, reason: "its vocabulary is not in the configuration").call(call)
        }
        let x = try call.add(Cast(.i64), call.input())
        let first = mask == nil ? 0 : 1
        let isWord = try call.add(
            Compare(.equal), call.add(ExpandDims(axes: [-1]), x), integers(vocabulary, call))
        let hits = try call.add(Cast(.i64), isWord)
        let known = try sum(hits, call)
        // The place behind that of an unknown word, and then the place of that, where it is one.
        let unknown = try call.add(Binary(.modulo), x, integers([unknownCount], call))
        let places = try call.add(
            Binary(.multiply), hits, integers(vocabulary.indices.map { first + unknownCount + $0 }, call))
        let place = try call.add(
            Where(), call.add(Cast(.bool), known), sum(places, call),
            call.add(Binary(.add), unknown, integers([first], call)))
        guard let mask else { return [try encoder.encode(place, call)] }
        let isMasked = try call.add(Compare(.equal), x, integers([mask], call))
        return [try encoder.encode(call.add(Where(), isMasked, integers([0], call), place), call)]
    }

    private func sum(_ x: ValueID, _ call: KerasCall) throws(AssayError) -> ValueID {
        try call.add(Reduce(.sum, axes: [-1], keepDimensions: false), x)
    }

    private func integers(_ values: [Int], _ call: KerasCall) -> ValueID {
        call.constant(Tensor(values.map { Int64($0) }, shape: Shape([values.count])))
    }
}
