// Results that are kept since making them again is dear.

import AssayTensors

/// The results of a function, by what it was called with.
struct Memo<Key: Hashable, Value> {
    private var known: [Key: Value] = [:]

    /// The result for `key`: what was made before, or what `make` gives.
    mutating func value(
        for key: Key, orMake make: () throws(AssayError) -> Value
    ) throws(AssayError) -> Value {
        if let value = known[key] { return value }
        let value = try make()
        known[key] = value
        return value
    }
}
