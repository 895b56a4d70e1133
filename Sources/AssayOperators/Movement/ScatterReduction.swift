// What scattered updates do to the elements that they meet.

import AssayGraph
import AssayTensors

/// What an update does to the element at its place.
public enum ScatterReduction: String, Sendable, Hashable, Codable, CaseIterable {
    /// It takes its place.
    case replace
    /// It is added.
    case add
    /// It is multiplied with it.
    case multiply
    /// The greater one stays.
    case maximum
    /// The smaller one stays.
    case minimum

    /// What stands there afterwards.
    func combine(_ old: Double, _ new: Double) -> Double {
        switch self {
        case .replace: new
        case .add: old + new
        case .multiply: old * new
        case .maximum: old.isNaN || old > new ? old : new
        case .minimum: old.isNaN || old < new ? old : new
        }
    }

    /// One operation an update; without arithmetic bits are moved.
    var exactness: Exactness { self == .add || self == .multiply ? .accumulating : .exact }
}

extension FastTensor {
    /// Updates `count` elements from `offset` on.
    func scatter(_ count: Int, from updates: FastTensor, at start: Int, to offset: Int, _ reduction: ScatterReduction) {
        if reduction == .replace { return convert(count, from: updates, at: start, to: offset) }
        for index in 0..<count {
            let old = double(at: offset + index)
            set(offset + index, to: reduction.combine(old, updates.double(at: start + index)))
        }
    }
}
