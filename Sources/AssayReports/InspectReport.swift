// `assay inspect`: what a file holds, from its headers alone.

import AssayArchitectures
import AssayGraph
import AssayTensors

/// The summary of a model that people know from Keras, and what the file is beyond that.
public struct InspectReport: Report, Sendable {
    private let model: Model
    private let fileSize: Int?
    private let layers: [LayerSummary]
    private let tree: ModuleTree
    private let recognition: Recognition?

    /// The summary of a model, read from a file of `fileSize` bytes, and recognised as what `recognition` says.
    public init(_ model: Model, fileSize: Int?, recognition: Recognition? = nil) {
        self.recognition = recognition
        self.model = model
        self.fileSize = fileSize
        layers = LayerSummary.all(of: model)
        tree = ModuleTree(model)
    }

    // MARK: Text

    /// The summary as text.
    public func text(on terminal: Terminal) -> String {
        var text = heading(on: terminal) + "\n"
        if model.graph == nil {
            let absence = model.graphAbsence.map { "Cannot be run: \($0.escaped)." }
            text += (absence ?? "No architecture in this file: weights alone.") + "\n\n"
            text += tree.modules.isEmpty ? TensorList(model).text(on: terminal) : moduleTable.text(on: terminal)
        } else {
            text += layerTable.text(on: terminal)
        }
        return text + "\n" + totals.map { $0 + "\n" }.joined()
    }

    private func heading(on terminal: Terminal) -> String {
        let size = fileSize.map { ", " + Numbers.bytes($0) } ?? ""
        let title = terminal.paint(model.name.escaped, .bold)
        var text = "\(title)  \(model.provenance.dialect)\(size)\n"
        for (kind, ports) in [("input ", model.graph?.inputs ?? []), ("output", model.graph?.outputs ?? [])] {
            for port in ports { text += "\(kind)  \(describe(port))\n" }
        }
        return text + (recognition?.text(on: terminal) ?? "")
    }

    private func describe(_ port: Port) -> String {
        guard let fact = model.graph?[port.value].fact else { return port.name.escaped }
        return "\(port.name.escaped)  \(fact.type.displayName) \(fact.shape?.text.escaped ?? "?")"
    }

    private var layerTable: Table {
        var table = Table([.text("Layer"), .text("Class"), .text("Output shape"), .number("Parameters")])
        for layer in layers {
            let calls = layer.callCount > 1 ? "  × \(layer.callCount)" : ""
            table.add([
                Table.Cell(layer.path), Table.Cell(layer.className, layer.isOpaque ? .yellow : .plain),
                Table.Cell(layer.outputText + calls),
                Table.Cell(Numbers.grouped(layer.parameterCount), layer.parameterCount == 0 ? .dim : .plain),
            ])
        }
        return table
    }

    private var moduleTable: Table {
        var table = Table([.text("Module"), .text("Tensors"), .number("Parameters")])
        for module in tree.modules {
            let name = module.path.split(separator: "/").last ?? ""
            table.add([
                Table.Cell(String(repeating: "  ", count: module.depth) + name), Table.Cell(module.tensors),
                Table.Cell(Numbers.grouped(module.parameterCount)),
            ])
        }
        return table
    }

    private var totals: [String] {
        let parameters = count(model.parameters)
        var lines = ["Parameters  \(Numbers.grouped(parameters.elements)) (\(Numbers.bytes(parameters.bytes)))"]
        let frozen = count(model.parameters.filter { !$0.isTrainable })
        if frozen.elements > 0 { lines[0] += ", \(Numbers.grouped(frozen.elements)) of them not trainable" }
        let types = Set(model.parameters.map(\.type.displayName)).sorted()
        if !types.isEmpty { lines.append("Types       \(types.joined(separator: ", "))") }
        let others = unusedTensors
        if !others.isEmpty {
            let bytes = others.reduce(0) { $0 + $1.byteCount }
            lines.append("Besides     \(others.count) tensors that the layers do not use (\(Numbers.bytes(bytes)))")
        }
        let opaque = layers.filter(\.isOpaque).map(\.path.escaped)
        if !opaque.isEmpty { lines.append("Not known   \(opaque.joined(separator: ", ")): cannot be run") }
        return lines
    }

    private func count(_ parameters: [Parameter]) -> (elements: Int, bytes: Int) {
        parameters.reduce((0, 0)) { ($0.0 + $1.shape.count, $0.1 + $1.shape.count * $1.type.byteCount) }
    }

    /// What training left, and what no layer claims.
    private var unusedTensors: [Tensor] {
        let used = Set(model.parameters.flatMap(\.sources))
        return model.tensors.filter { !used.contains($0.key) }.map(\.value)
    }

    // MARK: JSON

    /// The summary for programs.
    public var json: JSON {
        let parameters = count(model.parameters)
        return [
            "file": .string(model.provenance.path),
            "name": .string(model.name),
            "dialect": .string(model.provenance.dialect),
            "bytes": fileSize.map { .integer($0) } ?? .null,
            "has_graph": .bool(model.graph != nil),
            "architecture": recognition?.json ?? .null,
            "inputs": .array(model.graph?.inputs.map(json(of:)) ?? []),
            "outputs": .array(model.graph?.outputs.map(json(of:)) ?? []),
            "layers": .array(layers.map(\.json) + tree.modules.map(\.json)),
            "parameters": .array(model.parameters.map(\.json)),
            "totals": [
                "parameters": .integer(parameters.elements),
                "parameter_bytes": .integer(parameters.bytes),
                "trainable": .integer(count(model.parameters.filter(\.isTrainable)).elements),
                "tensors": .integer(model.tensors.count),
                "unused_tensors": .integer(unusedTensors.count),
            ],
        ]
    }

    private func json(of port: Port) -> JSON {
        guard let fact = model.graph?[port.value].fact else { return ["name": .string(port.name)] }
        return ["name": .string(port.name), "type": .string(fact.type.displayName), "shape": fact.shapeJSON]
    }
}

extension LayerSummary {
    fileprivate var json: JSON {
        [
            "path": .string(path), "class": .string(className), "depth": .integer(depth),
            "output_shapes": .array(outputShapes.map { JSON($0) }), "calls": .integer(callCount),
            "parameters": .integer(parameterCount), "opaque": .bool(isOpaque),
        ]
    }
}

extension ModuleTree.Module {
    fileprivate var json: JSON {
        [
            "path": .string(path), "class": .null, "depth": .integer(depth), "output_shapes": [], "calls": 0,
            "parameters": .integer(parameterCount), "opaque": false,
        ]
    }
}

extension Parameter {
    fileprivate var json: JSON {
        [
            "path": .string(path), "role": .string(role), "type": .string(type.displayName),
            "shape": JSON(shape.extents), "trainable": .bool(isTrainable), "stored_as": JSON(sources),
            "is_view": .bool(!view.isIdentity),
        ]
    }
}

extension Fact {
    /// The extents as numbers and symbols; `null` where nothing is known.
    var shapeJSON: JSON {
        guard let shape else { return .null }
        return .array(shape.map { $0.value.map { .integer($0) } ?? .string($0.description) })
    }
}
