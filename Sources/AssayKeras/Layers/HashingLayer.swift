// Hashing: integers spread over bins by their hash.

import AssayGraph
import AssayOperators
import AssayTensors

/// y = the bin of x; where there is a value for masks, its bin is the first and no other value's.
struct HashingLayer: KerasLayer {
    static let classNames = ["Hashing"]

    private let binCount: Int
    private let mask: Int?
    private let salt: [Int]

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        binCount = try configuration.count("num_bins")
        mask = configuration["mask_value"] == nil ? nil : try configuration.integer("mask_value")
        salt = try configuration["salt"] == nil ? [] : configuration.integers("salt", count: 2, in: Int.min...Int.max)
    }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        let given = try call.input()
        guard call.fact(of: given).type.isInteger else {
            throw call.configuration.notRunnable("it hashes text")
        }
        let x = try call.add(Cast(.i64), given)
        let reserved = mask != nil && binCount > 1 ? 1 : 0
        var bin = try call.add(IntegerHash(bins: binCount - reserved, salt: salt), x)
        if let mask, reserved > 0 {
            let isMasked = try call.add(Compare(.equal), x, call.scalar(Double(mask), like: x))
            bin = try call.add(
                Where(), isMasked, call.scalar(0, like: x), call.add(Binary(.add), bin, call.scalar(1, like: x)))
        }
        return [try CategoryEncoder(call.configuration, depth: binCount).encode(bin, call)]
    }
}
