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

    /// A file that was written; the last count is nil where nothing was read back.
    public init(output: String, format: String, byteCount: Int, sourceByteCount: Int?, checkedTensorCount: Int?) {
        self.output = output
        self.format = format
        self.byteCount = byteCount
        self.sourceByteCount = sourceByteCount
        self.checkedTensorCount = checkedTensorCount
    }

    /// One line.
    public func text(on terminal: Terminal) -> String {
        let source = sourceByteCount.map { " from \(Numbers.bytes($0))" } ?? ""
        let check =
            checkedTensorCount.map { "read back, \($0) tensors equal bit for bit" } ?? "not read back"
        return "\(output.escaped): \(format), \(Numbers.bytes(byteCount))\(source); \(check)\n"
    }

    /// The same for programs.
    public var json: JSON {
        [
            "output": .string(output), "format": .string(format), "bytes": .integer(byteCount),
            "source_bytes": sourceByteCount.map { .integer($0) } ?? .null,
            "verified": .bool(checkedTensorCount != nil),
            "tensors_verified": checkedTensorCount.map { .integer($0) } ?? .null,
        ]
    }
}

/// Which tensors a new file would hold.
public struct ConversionPlan: Report {
    private let rows: [(target: String, sources: [String], movement: String, type: ElementType, shape: Shape)]

    /// The tensors of the new file, each made of stored tensors of `model` by a view.
    ///
    /// - Throws: `AssayError.unreadable` when a view does not fit.
    public init(
        _ model: Model, _ mapping: [(target: String, sources: [String], view: View)]
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
        return table.text(on: terminal)
    }

    /// The same for programs.
    public var json: JSON {
        .array(
            rows.map { row in
                [
                    "name": .string(row.target), "type": .string(row.type.displayName),
                    "shape": JSON(row.shape.extents), "from": JSON(row.sources), "moved": .string(row.movement),
                ]
            })
    }
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
