// Finds a weight of A among the weights of B by its content: whole or as a part of a fused tensor, under exchanged axes or
// another shape, and a little different where it is nowhere as it is.

import AssayGraph
import AssayTensors

/// The parameters of B that have no equal in A, by their content.
struct WeightTwins: Sendable {
    /// A parameter of B, and how it is laid out as A's is.
    struct Twin: Sendable {
        let parameter: ParameterID
        let view: View
        /// Whether it is known to be A's bit for bit.
        var isBitEqual = false
    }

    /// A candidate or a part of it, of as many elements as are looked for.
    private struct Part: Hashable {
        let parameter: ParameterID
        let view: View
    }

    private let model: Model
    private let candidates: [ParameterID]
    /// The candidates by some of their elements, all of them on one axis: a weight under another shape is found by its bits.
    private let candidatesBySample: [StoredView.Sample: [ParameterID]]
    /// What was found out about parts, which many weights are compared with.
    private var contents: [Part: Content] = [:]

    /// Farther than this share of its size from A's, a weight is another one.
    private static let similarity = 0.5
    /// Weights of more axes than this are taken as they lie.
    private static let maximumRank = 5

    init(_ model: Model, _ candidates: [ParameterID]) throws(AssayError) {
        self.model = model
        self.candidates = candidates
        var candidatesBySample: [StoredView.Sample: [ParameterID]] = [:]
        for candidate in candidates {
            let sample = try model.stored(model[candidate]).flattened().sample()
            candidatesBySample[sample, default: []].append(candidate)
        }
        self.candidatesBySample = candidatesBySample
    }

    /// The parameter of B that holds the same elements, or nearly the same; nil where none does.
    mutating func twin(of stored: StoredView) throws(AssayError) -> Twin? {
        let flat = try stored.flattened()
        for candidate in candidatesBySample[try flat.sample()] ?? []
        where try model.stored(model[candidate]).flattened().isBitEqual(to: flat) {
            return Twin(
                parameter: candidate, view: .reshaped(.stored(0), try stored.shape().extents), isBitEqual: true)
        }
        let tensor = try stored.value()
        let mine = try tensor.doubles()
        let content = Content(mine)
        let parts = candidates.flatMap { parameter in
            WeightTwins.parts(model[parameter].shape, tensor.shape).map { Part(parameter: parameter, view: $0) }
        }
        for part in parts where try self.content(of: part).mayEqual(content) {
            for twin in layouts(part, tensor.shape) where try elements(twin) == mine { return twin }
        }
        var best: (twin: Twin, distance: Double)?
        for part in parts where try self.content(of: part).mayBeNear(content, within: WeightTwins.similarity) {
            for twin in layouts(part, tensor.shape) {
                let distance = Difference(mine, try elements(twin)).relativeRootMeanSquare
                if distance < best?.distance ?? WeightTwins.similarity { best = (twin, distance) }
            }
        }
        return best?.twin
    }

    private mutating func content(of part: Part) throws(AssayError) -> Content {
        if let known = contents[part] { return known }
        let content = Content(try elements(Twin(parameter: part.parameter, view: part.view)))
        contents[part] = content
        return content
    }

    private func elements(_ twin: Twin) throws(AssayError) -> [Double] {
        try twin.view.apply(to: [model.value(of: twin.parameter)]).doubles()
    }

    private func layouts(_ part: Part, _ wanted: Shape) -> [Twin] {
        let stored = model[part.parameter].shape
        let views = stored.count == wanted.count ? WeightTwins.layouts(part.view, stored, wanted) : [part.view]
        return views.map { Twin(parameter: part.parameter, view: $0) }
    }

    /// What does not depend on the order of the elements: most of what is no twin shows by it.
    private struct Content {
        private let count: Int
        private let size: Double
        /// The sum of the elements' bits.
        private let bits: UInt64

        init(_ values: [Double]) {
            count = values.count
            size = values.reduce(0) { $1.isFinite ? $0 + $1 * $1 : $0 }.squareRoot()
            bits = values.reduce(0) { $0 &+ $1.bitPattern }
        }

        func mayEqual(_ other: Content) -> Bool { count == other.count && bits == other.bits }

        func mayBeNear(_ other: Content, within similarity: Double) -> Bool {
            count == other.count && (size - other.size).magnitude <= similarity * max(size, other.size)
        }
    }

    /// The parts of a stored tensor that may hold as many elements as are wanted: all of it, or slices.
    private static func parts(_ stored: Shape, _ wanted: Shape) -> [View] {
        if stored.count == wanted.count { return [.stored(0)] }
        guard wanted.count > 0, stored.count % wanted.count == 0, stored.rank == wanted.rank else { return [] }
        return stored.extents.indices.flatMap { axis -> [View] in
            var part = stored.extents
            part[axis] = wanted[axis]
            guard part == wanted.extents, part[axis] > 0 else { return [] }
            return stride(from: 0, to: stored[axis], by: part[axis]).map {
                .sliced(.stored(0), axis: axis, start: $0, count: part[axis])
            }
        }
    }

    /// Ways to see a tensor of one shape as one of another of as many elements: as it lies, or with axes exchanged.
    private static func layouts(_ view: View, _ stored: Shape, _ wanted: Shape) -> [View] {
        let reshaped: (View, Shape) -> View = { view, shape in
            shape == wanted ? view : .reshaped(view, wanted.extents)
        }
        var views = [reshaped(view, stored)]
        guard stored.rank <= maximumRank, stored.rank > 1 else { return views }
        let essential = wanted.extents.filter { $0 != 1 }
        for order in permutations(stored.rank) where order != Array(0..<stored.rank) {
            let shape = Shape(order.map { stored[$0] })
            // Two or three axes may be parted in another way too (heads and their width beside their product).
            guard stored.rank <= 3 || shape.extents.filter({ $0 != 1 }) == essential else { continue }
            views.append(reshaped(.transposed(view, order), shape))
        }
        return views
    }

    private static func permutations(_ count: Int) -> [[Int]] {
        guard count > 1 else { return [Array(0..<count)] }
        return permutations(count - 1).flatMap { rest in
            (0...rest.count).map { place in
                var order = rest
                order.insert(count - 1, at: place)
                return order
            }
        }
    }
}
