// Finds values of B that equal a value of A in numbers, under every input that was tried, whatever their shape and order of
// axes: by a few numbers that survive transposition, and by a few that tell whether the order is the same.
//
// Both models run in Float, once, and leave of each value nothing but its fingerprint. Whether the values that a fingerprint
// brings together are really equal is measured afterwards, in Double.

import AssayExecution
import AssayGraph
import AssayOperators
import AssayTensors
import CKernels
import Glibc

/// A few numbers about a value under some inputs.
struct Fingerprint: Sendable {
    /// The shape under each set of inputs.
    private(set) var shapes: [Shape] = []
    private var count = 0.0
    /// Sums of powers of the elements, which do not change when elements change places.
    private var sums = [Double](repeating: 0, count: 5)
    /// Sums of the elements, each time with other weights: they tell one order from another.
    private var ordered = [Double](repeating: 0, count: 3)
    /// The same sums with the axes in other orders.
    private var exchanged: [[Int]: [Double]] = [:]
    /// The size of an element.
    private var scale = 0.0
    /// What the sums of powers say, all in the unit of the elements, so that one bound fits all.
    private var moments: [Double] = []

    /// The orders of axes that frameworks exchange: channels last and first, heads before and behind the sequence.
    private static func orders(_ rank: Int) -> [[Int]] {
        switch rank {
        case 2: [[1, 0]]
        case 3: [[0, 2, 1], [1, 0, 2]]
        case 4: [[0, 3, 1, 2], [0, 2, 3, 1], [0, 2, 1, 3], [0, 1, 3, 2]]
        case 5: [[0, 4, 1, 2, 3], [0, 2, 3, 4, 1]]
        default: []
        }
    }

    /// Adds the value under another set of inputs.
    ///
    /// - Parameter exchanging: whether the axes may stand in another order in the other model.
    fileprivate mutating func add<Scalar: FastScalar>(
        _ tensor: FastTensor<Scalar>, exchanging: Bool, with memory: FingerprintMemory
    ) {
        let shape = Shape(tensor.shape)
        shapes.append(shape)
        count += Double(tensor.count)
        memory.take(tensor)
        sums = Fingerprint.sum(sums, memory.powerSums)
        finish()
        ordered = Fingerprint.sum(ordered, memory.signedSums())
        for order in exchanging ? Fingerprint.orders(shape.rank) : [] {
            let moved = memory.signedSums(shape, order)
            exchanged[order] = exchanged[order].map { Fingerprint.sum($0, moved) } ?? moved
        }
    }

    private static func sum(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map { $0 + $1 } }

    /// The order in which the axes have to be put so that the elements lie as the other's; nil where none is known.
    func axes(to other: Fingerprint, within tolerance: Double) -> [Int]? {
        exchanged.keys.sorted { $0.lexicographicallyPrecedes($1) }.first { order in
            let shapes = shapes.map { shape in order.map { shape[$0] }.filter { $0 != 1 } }
            guard shapes == other.shapes.map({ $0.extents.filter { $0 != 1 } }), let sums = exchanged[order] else {
                return false
            }
            return distance(sums, other) <= tolerance
        }
    }

    /// The number of elements.
    var elementCount: Int { shapes.reduce(0) { $0 + $1.count } }

    private mutating func finish() {
        let n = max(count, 1)
        scale = (sums[2] / n).squareRoot()
        moments = [sums[0] / n, sums[1] / n, scale, cbrt(sums[3] / n), (sums[4] / n).squareRoot().squareRoot()]
    }

    /// How far apart two values are at least, in units of their size; infinite where they have not as many elements.
    func distance(to other: Fingerprint) -> Double {
        guard count == other.count, shapes.count == other.shapes.count else { return .infinity }
        let unit = max(scale, other.scale)
        guard unit > 0 else { return 0 }
        var distance = 0.0
        for (mine, theirs) in zip(moments, other.moments) { distance = max(distance, (mine - theirs).magnitude) }
        return distance / unit
    }

    /// How far apart two values are at least, element for element in the same order.
    func orderedDistance(to other: Fingerprint) -> Double {
        count == other.count ? distance(ordered, other) : .infinity
    }

    private func distance(_ sums: [Double], _ other: Fingerprint) -> Double {
        let unit = max(scale, other.scale) * max(count, 1).squareRoot()
        guard unit > 0 else { return 0 }
        var distance = 0.0
        for (mine, theirs) in zip(sums, other.ordered) { distance = max(distance, (mine - theirs).magnitude) }
        return distance / unit
    }
}

/// The elements of one value after the other, in memory that is used again: fingerprints are taken of hundreds of values.
private final class FingerprintMemory {
    private var values: [Double] = []
    private var moved: [Double] = []
    /// How many elements of these are the value's.
    private var count = 0
    /// Random bits that give elements their signs.
    private var signs: [UInt64] = []
    private var random = RandomGenerator(seed: 99)

    /// Takes in a value: every element as a double, 0 for what is not finite.
    func take<Scalar: FastScalar>(_ tensor: FastTensor<Scalar>) {
        count = tensor.count
        if values.count < count {
            values = Array(repeating: 0, count: count)
            moved = values
        }
        if tensor.storage != .real { values.replaceSubrange(0..<count, with: tensor.doubles) }
        // Through a buffer: each access to an array of an object is checked for being alone.
        values.withUnsafeMutableBufferPointer { values in
            if tensor.storage == .real {
                for index in 0..<tensor.count { values[index] = Double(tensor.reals[index]) }
            }
            for index in 0..<tensor.count where !values[index].isFinite { values[index] = 0 }
        }
        while signs.count * 16 < count { signs.append(random.next()) }
    }

    /// The sums of the elements' powers: first, of the magnitudes, second, third, fourth.
    var powerSums: [Double] {
        var sums = [Double](repeating: 0, count: 5)
        assay_power_sums(values, count, &sums)
        return sums
    }

    /// Three sums with random signs.
    func signedSums() -> [Double] { signedSums(values) }

    /// The same of the elements of a value of `shape`, row-major with its axes in another order.
    func signedSums(_ shape: Shape, _ order: [Int]) -> [Double] {
        let extents = order.dropLast().map { shape[$0] }
        let strides = order.map { shape.strides[$0] }
        guard count > 0, let last = order.last, let stride = strides.last else { return signedSums(values) }
        var position = [Int](repeating: 0, count: extents.count)
        var offset = 0
        let (rowCount, length) = (extents.reduce(1, *), shape[last])
        moved.withUnsafeMutableBufferPointer { moved in
            values.withUnsafeBufferPointer { values in
                for row in 0..<rowCount {
                    for index in 0..<length { moved[row * length + index] = values[offset + index * stride] }
                    var axis = extents.count - 1
                    while axis >= 0 {
                        position[axis] += 1
                        offset += strides[axis]
                        if position[axis] < extents[axis] { break }
                        offset -= strides[axis] * extents[axis]
                        position[axis] = 0
                        axis -= 1
                    }
                }
            }
        }
        return signedSums(moved)
    }

    private func signedSums(_ values: [Double]) -> [Double] {
        var sums = [Double](repeating: 0, count: 3)
        assay_signed_sums(values, count, signs, &sums)
        return sums
    }
}

/// Matches values by what they are in numbers. Nothing runs until the first value asks for it.
struct NumericMatcher: ValueMatcher {
    private let ports: PortPairing
    private let sets: [InputSet]
    private let threads: ThreadPool
    private var fingerprints: (a: [ValueID: Fingerprint], b: [ValueID: Fingerprint])?
    /// The values of B that have a fingerprint, in the order of its graph.
    private var candidates: [ValueID] = []

    /// Equal values differ by Float's rounding alone.
    private static let rounding = 1e-4
    /// Values that are nearly the same, in the same places, correspond too: one of them has a fault.
    private static let similarity = 2e-2

    init(ports: PortPairing, sets: [InputSet], threads: ThreadPool) {
        self.ports = ports
        self.sets = sets
        self.threads = threads
    }

    mutating func counterpart(of value: ValueID, in alignment: Alignment) throws(AssayError) -> ValuePair? {
        let known = try prints(alignment)
        guard alignment.a.graph[value].fact.type.isFloatingPoint, let mine = known.a[value] else { return nil }
        var best: (value: ValueID, distance: Double)?
        for candidate in candidates {
            guard let theirs = known.b[candidate] else { continue }
            var distance = mine.distance(to: theirs)
            guard distance < best?.distance ?? .infinity else { continue }
            let isEqual = distance <= NumericMatcher.rounding
            let isInOrder = mine.orderedDistance(to: theirs) <= NumericMatcher.similarity
            guard isEqual || isInOrder && distance <= NumericMatcher.similarity else { continue }
            // Of several copies of a value, those in the same order and shape are preferred.
            if !isInOrder { distance += NumericMatcher.rounding }
            if mine.shapes != theirs.shapes { distance += NumericMatcher.rounding / 2 }
            if distance < best?.distance ?? .infinity { best = (candidate, distance) }
        }
        guard let best else { return nil }
        return try pair(value, best.value, in: alignment)
    }

    mutating func pair(_ a: ValueID, _ b: ValueID, in alignment: Alignment) throws(AssayError) -> ValuePair? {
        let known = try prints(alignment)
        guard let mine = known.a[a], let theirs = known.b[b], mine.elementCount == theirs.elementCount else {
            return nil
        }
        let isInOrder = mine.orderedDistance(to: theirs) <= NumericMatcher.similarity
        var pair = ValuePair(a: a, b: b)
        if !isInOrder {
            pair.axes = mine.axes(to: theirs, within: NumericMatcher.similarity)
            if pair.axes == nil, mine.shapes != theirs.shapes { pair.order = .other }
        }
        let shape = mine.shapes.first.map { shape in Shape((pair.axes ?? Array(0..<shape.rank)).map { shape[$0] }) }
        if shape != theirs.shapes.first { pair.shapeOfB = theirs.shapes.first }
        return pair
    }

    /// The fingerprints of what is recorded in A, and of every value of B.
    private mutating func prints(
        _ alignment: Alignment
    ) throws(AssayError) -> (a: [ValueID: Fingerprint], b: [ValueID: Fingerprint]) {
        if let fingerprints { return fingerprints }
        let a = alignment.a
        let b = alignment.b
        let runnable = b.graph.runnableValues
        let classesOfA = Set(a.proven.compactMap { $0 })
        let candidates = b.graph.values.indices.map { ValueID($0) }.filter { value in
            b.graph[value].producer != nil && runnable[value.index] && b.graph[value].fact.type.isFloatingPoint
                && !(b.proven[value.index].map(classesOfA.contains) ?? false)
        }
        var found: (a: [ValueID: Fingerprint], b: [ValueID: Fingerprint]) = ([:], [:])
        let memory = FingerprintMemory()
        for set in sets {
            var run = try JointRun(a, b, ports: ports, set: set)
            run.joint.recallsProducts = true
            var owners: [ValueID: (a: [ValueID], b: [ValueID])] = [:]
            // Side by side, as far as one can tell, so that little of A waits for B.
            var open = candidates[...]
            for value in a.comparedValues.sorted() {
                owners[try run.a(value), default: ([], [])].a.append(value)
                while let next = open.first, next.index * a.graph.values.count <= value.index * b.graph.values.count {
                    owners[try run.b(open.removeFirst()), default: ([], [])].b.append(next)
                }
            }
            for value in open { owners[try run.b(value), default: ([], [])].b.append(value) }
            try run.observe(Float.self, owners.keys.sorted(), threads: threads) { (joint, tensor) throws(AssayError) in
                var print = Fingerprint()
                print.add(tensor, exchanging: owners[joint]?.a.isEmpty == false, with: memory)
                for value in owners[joint]?.a ?? [] { found.a[value] = Fingerprint.joined(found.a[value], print) }
                for value in owners[joint]?.b ?? [] { found.b[value] = Fingerprint.joined(found.b[value], print) }
            }
        }
        fingerprints = found
        self.candidates = found.b.keys.sorted()
        return found
    }
}

extension Fingerprint {
    /// A value's fingerprint under some inputs, and under others.
    fileprivate static func joined(_ first: Fingerprint?, _ second: Fingerprint) -> Fingerprint {
        guard var result = first else { return second }
        result.shapes += second.shapes
        result.count += second.count
        for index in result.sums.indices { result.sums[index] += second.sums[index] }
        result.finish()
        result.ordered = sum(result.ordered, second.ordered)
        for (order, sums) in second.exchanged {
            result.exchanged[order] = result.exchanged[order].map { sum($0, sums) }
        }
        return result
    }
}

/// Matches nothing: for models that cannot be run.
struct NoMatcher: ValueMatcher {
    mutating func counterpart(of value: ValueID, in alignment: Alignment) throws(AssayError) -> ValuePair? { nil }

    mutating func pair(_ a: ValueID, _ b: ValueID, in alignment: Alignment) throws(AssayError) -> ValuePair? {
        ValuePair(a: a, b: b)
    }
}
