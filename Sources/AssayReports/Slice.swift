// Which values of a tensor to show: `0,2:5,:` as in NumPy, without steps.

import AssayTensors

/// A part of a tensor: a range along each axis.
public struct Slice: Sendable, CustomStringConvertible {
    private enum Part: Sendable {
        case index(Int)
        case range(Int?, Int?)
    }

    private let parts: [Part]

    /// The most values that one slice shows.
    private static let maximumCount = 10_000

    /// A slice as NumPy writes it: an index or `start:end` for each axis, separated by commas; negative numbers count
    /// from the end; axes that are left out are taken whole.
    ///
    /// - Throws: `AssayError.usage` when the text is no slice.
    public init(_ text: String) throws(AssayError) {
        var parts: [Part] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: ":", omittingEmptySubsequences: false).map { $0.filter { $0 != " " } }
            let numbers = ends.map { Int($0) }
            guard (1...2).contains(ends.count), zip(ends, numbers).allSatisfy({ $0.isEmpty || $1 != nil }) else {
                throw Slice.malformed(text)
            }
            if ends.count == 2 {
                parts.append(.range(numbers[0], numbers[1]))
            } else if let index = numbers[0] {
                parts.append(.index(index))
            } else {
                throw Slice.malformed(text)
            }
        }
        self.parts = parts
    }

    private init(parts: [Part]) { self.parts = parts }

    private static func malformed(_ text: String) -> AssayError {
        .usage("not a slice", expected: "an index or START:END for each axis, as in 0,2:5", found: "'\(text)'")
    }

    /// The first values: up to eight along the last axis and eight along the one before it.
    static func beginning(of shape: Shape) -> Slice {
        Slice(
            parts: shape.extents.enumerated().map { axis, extent in
                axis < shape.rank - 2 ? .index(0) : .range(0, min(extent, 8))
            })
    }

    /// `[0, 2:5, :]`.
    public var description: String {
        let texts = parts.map { part in
            switch part {
            case .index(let index): "\(index)"
            case .range(let start, let end): "\(start.map(String.init) ?? ""):\(end.map(String.init) ?? "")"
            }
        }
        return "[\(texts.joined(separator: ", "))]"
    }

    /// Checks that the slice lies in a tensor of this shape.
    ///
    /// - Throws: `AssayError.usage` for too many axes, an index outside, or too many values.
    func check(against shape: Shape) throws(AssayError) {
        guard parts.count <= shape.rank else {
            throw .usage("slice \(self) has too many axes", expected: "at most \(shape.rank)", found: "\(parts.count)")
        }
        for (axis, part) in parts.enumerated() {
            guard case .index(let index) = part, !(-shape[axis]..<shape[axis]).contains(index) else { continue }
            throw .usage("index \(index) lies outside axis \(axis)", expected: "less than \(shape[axis])")
        }
        let count = ranges(in: shape).reduce(1) { $0.multipliedReportingOverflow(by: $1.count).partialValue }
        guard (0...Slice.maximumCount).contains(count) else {
            throw .usage("slice \(self) has too many values", expected: "at most \(Slice.maximumCount)")
        }
    }

    private func ranges(in shape: Shape) -> [Range<Int>] {
        shape.extents.enumerated().map { axis, extent in
            guard axis < parts.count else { return 0..<extent }
            func place(_ index: Int) -> Int { min(max(index < 0 ? index + extent : index, 0), extent) }
            switch parts[axis] {
            case .index(let index): return place(index)..<min(place(index) + 1, extent)
            case .range(let start, let end):
                let lower = place(start ?? 0)
                return lower..<max(lower, place(end ?? extent))
            }
        }
    }

    /// The values in row-major order. The tensor is read part by part, so that a slice of a large one needs little memory.
    func values(of tensor: Tensor) throws(AssayError) -> [Double] {
        var offsets = [0]
        for (range, stride) in zip(ranges(in: tensor.shape), tensor.shape.strides) {
            offsets = offsets.flatMap { offset in range.map { offset + $0 * stride } }
        }
        var values: [Double] = []
        var start = 0
        try tensor.forEachPartOfDoubles { part in
            let end = start + part.count
            while values.count < offsets.count, offsets[values.count] < end {
                values.append(part[offsets[values.count] - start])
            }
            start = end
        }
        return values
    }

    /// The values as text, a line for each row of the last axis that is a range.
    func text(of values: [Double]) -> String {
        let width = max(values.map { Numbers.short($0).count }.max() ?? 0, 1)
        let row = max(1, rowLength(values.count))
        return stride(from: 0, to: values.count, by: row).map { start in
            values[start..<min(start + row, values.count)].map {
                Numbers.short($0).padded(to: width, alignment: .right)
            }
            .joined(separator: "  ") + "\n"
        }.joined()
    }

    private func rowLength(_ count: Int) -> Int {
        if case .range(let start?, let end?) = parts.last, start >= 0, end > start { return end - start }
        return min(count, 8)
    }
}
