// Finds values of B that equal a value of A in numbers, under every input that was tried, whatever their shape and order of
// axes: by a few numbers that survive transposition, and by a few that tell whether the order is the same.
//
// Both models run in Float, once, and leave of each value nothing but its fingerprint. Whether the values that a fingerprint
// brings together are really equal is measured afterwards, in Double.

import AssayExecution
import AssayGraph
import AssayOperators
import AssayTensors
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

    /// Adds the value under another set of inputs.
    mutating func add<Scalar: FastScalar>(_ tensor: FastTensor<Scalar>) {
        shapes.append(Shape(tensor.shape))
        count += Double(tensor.count)
        var random = RandomGenerator(seed: 99)
        tensor.forEachElement { value in
            let value = value.isFinite ? value : 0
            let square = value * value
            sums[0] += value
            sums[1] += value.magnitude
            sums[2] += square
            sums[3] += square * value
            sums[4] += square * square
            var bits = random.next()
            for index in ordered.indices {
                ordered[index] += bits & 1 == 0 ? value : -value
                bits >>= 1
            }
        }
    }

    /// The number of elements.
    var elementCount: Int { shapes.reduce(0) { $0 + $1.count } }

    /// The size of an element.
    private var scale: Double { count > 0 ? (sums[2] / count).squareRoot() : 0 }

    /// All in the unit of the elements, so that one bound fits all.
    private var moments: [Double] {
        let n = max(count, 1)
        return [
            sums[0] / n, sums[1] / n, (sums[2] / n).squareRoot(), cbrt(sums[3] / n),
            (sums[4] / n).squareRoot().squareRoot(),
        ]
    }

    /// How far apart two values are at least, in units of their size; infinite where they have not as many elements.
    func distance(to other: Fingerprint) -> Double {
        guard count == other.count, shapes.count == other.shapes.count else { return .infinity }
        let unit = max(scale, other.scale)
        guard unit > 0 else { return 0 }
        return zip(moments, other.moments).map { ($0 - $1).magnitude / unit }.max() ?? 0
    }

    /// How far apart two values are at least, element for element in the same order.
    func orderedDistance(to other: Fingerprint) -> Double {
        guard count == other.count else { return .infinity }
        let unit = max(scale, other.scale) * max(count, 1).squareRoot()
        guard unit > 0 else { return 0 }
        return zip(ordered, other.ordered).map { ($0 - $1).magnitude / unit }.max() ?? 0
    }
}

extension FastTensor {
    /// Calls `body` with every element as a double.
    fileprivate func forEachElement(_ body: (Double) -> Void) {
        switch storage {
        case .real: for index in 0..<count { body(Double(reals[index])) }
        case .integer: for index in 0..<count { body(Double(integers[index])) }
        case .boolean: for index in 0..<count { body(booleans[index] == 0 ? 0 : 1) }
        }
    }
}

/// Matches values by what they are in numbers. Nothing runs until the first value asks for it.
struct NumericMatcher: ValueMatcher {
    private let ports: PortPairing
    private let sets: [InputSet]
    private let threads: ThreadPool
    private var fingerprints: (a: [ValueID: Fingerprint], b: [ValueID: Fingerprint])?

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
        for candidate in known.b.keys.sorted() {
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
        return ValuePair(
            a: a, b: b, order: isInOrder || mine.shapes == theirs.shapes ? .same : .other,
            shapeOfB: mine.shapes == theirs.shapes ? nil : theirs.shapes.first)
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
        for set in sets {
            var run = try JointRun(a, b, ports: ports, set: set)
            var owners: [ValueID: (a: [ValueID], b: [ValueID])] = [:]
            for value in a.comparedValues { owners[try run.a(value), default: ([], [])].a.append(value) }
            for value in candidates { owners[try run.b(value), default: ([], [])].b.append(value) }
            try run.observe(Float.self, owners.keys.sorted(), threads: threads) { (joint, tensor) throws(AssayError) in
                var print = Fingerprint()
                print.add(tensor)
                for value in owners[joint]?.a ?? [] { found.a[value] = Fingerprint.joined(found.a[value], print) }
                for value in owners[joint]?.b ?? [] { found.b[value] = Fingerprint.joined(found.b[value], print) }
            }
        }
        fingerprints = found
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
        for index in result.ordered.indices { result.ordered[index] += second.ordered[index] }
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
