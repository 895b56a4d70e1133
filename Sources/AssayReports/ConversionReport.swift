// `assay convert`: what was written, or would be.

import AssayGraph
import AssayTensors

/// A file that was written.
public struct ConversionReport: Report {
    private let output: String
    private let format: String
    private let byteCount: Int
    private let sourceByteCount: Int?
    private let checkedTensorCount: Int?
    private let leftOut: [String]

    /// A file that was written.
    ///
    /// - Parameters:
    ///   - checkedTensorCount: how many tensors were read back; nil where none was.
    ///   - leftOut: the tensors of the source that it does not hold.
    public init(
        output: String, format: String, byteCount: Int, sourceByteCount: Int?, checkedTensorCount: Int?,
        leftOut: [String] = []
    ) {
        self.output = output
        self.format = format
        self.byteCount = byteCount
        self.sourceByteCount = sourceByteCount
        self.checkedTensorCount = checkedTensorCount
        self.leftOut = leftOut
    }

    /// One line.
    public func text(on terminal: Terminal) -> String {
        let source = sourceByteCount.map { " from \(Numbers.bytes($0))" } ?? ""
        let check =
            checkedTensorCount.map { "read back, \($0) tensors equal bit for bit" } ?? "not read back"
        return "\(output.escaped): \(format), \(Numbers.bytes(byteCount))\(source); \(check)\n"
            + LeftOut(leftOut).text
    }

    /// The same for programs.
    public var json: JSON {
        [
            "output": .string(output), "format": .string(format), "bytes": .integer(byteCount),
            "source_bytes": sourceByteCount.map { .integer($0) } ?? .null,
            "verified": .bool(checkedTensorCount != nil),
            "tensors_verified": checkedTensorCount.map { .integer($0) } ?? .null, "left_out": JSON(leftOut),
        ]
    }
}

/// Which tensors a new file would hold.
public struct ConversionPlan: Report {
    private let rows: [(target: String, sources: [String], movement: String, type: ElementType, shape: Shape)]
    private let leftOut: [String]

    /// The tensors of the new file, each made of stored tensors of `model` by a view.
    ///
    /// - Parameter leftOut: the tensors of the source that it would not hold.
    /// - Throws: `AssayError.unreadable` when a view does not fit.
    public init(
        _ model: Model, _ mapping: [(target: String, sources: [String], view: View)], leftOut: [String] = []
    ) throws(AssayError) {
        var rows: [(target: String, sources: [String], movement: String, type: ElementType, shape: Shape)] = []
        for entry in mapping {
            let stored = entry.sources.compactMap { model.tensors[$0] }
            guard let first = stored.first, stored.count == entry.sources.count else {
                throw .unreadable("a stored tensor is missing", file: model.provenance.path, object: entry.target)
            }
            let shape = try entry.view.shape(of: stored.map(\.shape))
            rows.append((entry.target, entry.sources, entry.view.movement, first.type, shape))
        }
        self.rows = rows
        self.leftOut = leftOut
    }

    /// A table.
    public func text(on terminal: Terminal) -> String {
        var table = Table([
            .text("New tensor"), .text("Type", isFlexible: false), .text("Shape"), .text("From"), .text("Moved"),
        ])
        for row in rows {
            let source = row.sources == [row.target] ? "the same name" : row.sources.joined(separator: ", ")
            table.add([
                Table.Cell(row.target), Table.Cell(row.type.displayName), Table.Cell(row.shape.description),
                Table.Cell(source), Table.Cell(row.movement, .dim),
            ])
        }
        return table.text(on: terminal) + LeftOut(leftOut).text
    }

    /// The same for programs.
    public var json: JSON {
        let tensors = rows.map { row -> JSON in
            [
                "name": .string(row.target), "type": .string(row.type.displayName),
                "shape": JSON(row.shape.extents), "from": JSON(row.sources), "moved": .string(row.movement),
            ]
        }
        return ["tensors": .array(tensors), "left_out": JSON(leftOut)]
    }
}

/// The tensors of the source that a new file does not hold.
private struct LeftOut {
    let names: [String]

    init(_ names: [String]) { self.names = names }

    /// A line for each; nothing where there are none.
    var text: String { names.map { "left out, the new format has no place for it: \($0.escaped)\n" }.joined() }
}

extension View {
    /// What the view does to its tensors, in a few words; empty where it does nothing.
    var movement: String {
        switch self {
        case .stored: ""
        case .transposed(let view, let order): join(view, "transposed by \(order)")
        case .reshaped(let view, let extents): join(view, "reshaped to \(extents)")
        case .sliced(let view, let axis, let start, let count):
            join(view, "\(start)..<\(start + count) of axis \(axis)")
        case .reversed(let view, let axis): join(view, "axis \(axis) reversed")
        case .concatenated(let views, let axis): "\(views.count) joined along axis \(axis)"
        }
    }

    private func join(_ view: View, _ text: String) -> String {
        view.movement.isEmpty ? text : "\(view.movement), \(text)"
    }
}
