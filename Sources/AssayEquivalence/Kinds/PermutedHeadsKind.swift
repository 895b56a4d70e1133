// Slices of a weight in another order: heads, channels, neurons, rows of a table.

import AssayOperators

/// A weight whose slices along one axis stand in another order.
enum PermutedHeadsKind: DifferenceKind {
    static let name = "permuted"

    static func detail(_ suspect: Suspect) -> String? {
        let hasHeads = suspect.operationsOfA.contains { $0 is Attention }
        for weight in suspect.weights {
            for axis in weight.shape.extents.indices {
                guard let order = order(weight, axis) else { continue }
                let width = blockWidth(order)
                let blocks = stride(from: 0, to: order.count, by: width).map { order[$0] / width }
                let slices = hasHeads && (width > 1 || weight.shape.rank == 3) ? "heads" : "slices along axis \(axis)"
                return "\(weight.path) has its \(slices) in the order \(text(blocks))"
            }
        }
        return nil
    }

    /// For each slice of B along an axis the slice of A that it is; nil where some slice is none, or all are at their place.
    private static func order(_ weight: ChangedWeight, _ axis: Int) -> [Int]? {
        let extent = weight.shape[axis]
        guard extent > 1 else { return nil }
        var open: [[Double]: [Int]] = [:]
        for index in 0..<extent { open[slice(weight.a, weight, axis, index), default: []].append(index) }
        var order: [Int] = []
        for index in 0..<extent {
            let key = slice(weight.b, weight, axis, index)
            guard var places = open[key], let place = places.first(where: { $0 == index }) ?? places.first else {
                return nil
            }
            places.removeAll { $0 == place }
            open[key] = places
            order.append(place)
        }
        return order == Array(0..<extent) ? nil : order
    }

    private static func slice(_ values: [Double], _ weight: ChangedWeight, _ axis: Int, _ index: Int) -> [Double] {
        let stride = weight.shape.strides[axis]
        let extent = weight.shape[axis]
        var slice: [Double] = []
        var start = index * stride
        while start < values.count {
            slice += values[start..<start + stride]
            start += stride * extent
        }
        return slice
    }

    /// How many neighbouring slices stay together everywhere.
    private static func blockWidth(_ order: [Int]) -> Int {
        let widths = (1...order.count).reversed().filter { order.count % $0 == 0 && $0 < order.count }
        return widths.first { width in
            order.indices.allSatisfy { index in
                order[index / width * width] % width == 0
                    && order[index] == order[index / width * width] + index % width
            }
        } ?? 1
    }

    private static func text(_ order: [Int]) -> String {
        let shown = order.prefix(16).map(String.init).joined(separator: ", ")
        return order.count > 16 ? "\(shown), …" : shown
    }
}
