// `assay inspect --tensors`: every tensor of a file and the parameter that it serves.

import AssayGraph
import AssayTensors

/// All tensors of a file.
public struct TensorList: Report, Sendable {
    private let model: Model
    private let users: [String: [String]]

    /// The tensors of a model's file.
    public init(_ model: Model) {
        self.model = model
        var users: [String: [String]] = [:]
        for parameter in model.parameters {
            for source in parameter.sources where source != parameter.path {
                users[source, default: []].append(parameter.path)
            }
        }
        self.users = users
    }

    /// A table: stored name, type, shape, size, and the parameters that use it where they have another name.
    public func text(on terminal: Terminal) -> String {
        var table = Table([
            .text("Tensor"), .text("Type", isFlexible: false), .text("Shape"), .number("Size"), .text("Used as"),
        ])
        for (name, tensor) in model.tensors {
            table.add([
                Table.Cell(name), Table.Cell(tensor.type.displayName), Table.Cell(tensor.shape.description),
                Table.Cell(Numbers.bytes(tensor.byteCount)),
                Table.Cell(users[name, default: []].joined(separator: ", "), .dim),
            ])
        }
        return table.text(on: terminal)
    }

    /// The same for programs.
    public var json: JSON {
        .array(
            model.tensors.map { name, tensor in
                [
                    "name": .string(name), "type": .string(tensor.type.displayName),
                    "shape": JSON(tensor.shape.extents), "bytes": .integer(tensor.byteCount),
                    "used_as": JSON(users[name, default: []]),
                ]
            })
    }
}
