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
    }

    private let model: Model
    private let candidates: [ParameterID]

    /// Farther than this share of its size from A's, a weight is another one.
    private static let similarity = 0.5
    /// Weights of more axes than this are taken as they lie.
    private static let maximumRank = 5

    init(_ model: Model, _ candidates: [ParameterID]) {
        self.model = model
        self.candidates = candidates
    }

    /// The parameter of B that holds the same elements, or nearly the same; nil where none does.
    func twin(of tensor: Tensor) throws(AssayError) -> Twin? {
        let mine = try tensor.doubles()
        let sample = Sample(mine)
        var best: (twin: Twin, distance: Double)?
        for parameter in candidates {
            for view in WeightTwins.views(from: model[parameter].shape, to: tensor.shape) {
                let theirs = try view.apply(to: [model.value(of: parameter)]).doubles()
                guard sample.mayBeNear(theirs) else { continue }
                let distance = Difference(mine, theirs).relativeRootMeanSquare
                if distance == 0 { return Twin(parameter: parameter, view: view) }
                if distance < best?.distance ?? WeightTwins.similarity {
                    best = (Twin(parameter: parameter, view: view), distance)
                }
            }
        }
        return best?.twin
    }

    /// The size of a tensor and of its elements: most of what is no twin shows by it.
    private struct Sample {
        private let count: Int
        private let size: Double

        init(_ values: [Double]) {
            count = values.count
            size = values.reduce(0) { $1.isFinite ? $0 + $1 * $1 : $0 }.squareRoot()
        }

        func mayBeNear(_ values: [Double]) -> Bool {
            let other = Sample(values)
            return count == other.count
                && (size - other.size).magnitude <= WeightTwins.similarity * max(size, other.size)
        }
    }

    /// Ways to see a tensor of one shape as one of another: as it lies, with axes exchanged, or a part of it.
    private static func views(from stored: Shape, to wanted: Shape) -> [View] {
        if stored.count == wanted.count { return layouts(.stored(0), stored, wanted) }
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
