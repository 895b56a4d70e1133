// The JSON form of a model's graph (Schemas/graph.schema.json): everything but the tensors' bytes. What is written reads
// back as the same graph.

import AssayTensors
import FoundationEssentials
import OrderedCollections

/// Finds an operator's type by its name; nil for an unknown one.
public typealias OperationResolver = @Sendable (String) -> (any Operation.Type)?

extension Model {
    /// The version of the JSON form.
    static let graphVersion = 1

    /// The graph and its parameters as JSON; nil for a file that holds weights alone.
    public func graphJSON() throws(AssayError) -> JSON? {
        guard let graph else { return nil }
        var nodes: [JSON] = []
        for node in graph.nodes {
            nodes.append([
                "operator": .string(node.operation.name),
                "attributes": try JSON(encoding: node.operation),
                "operands": .array(node.operands.map { $0.map { .integer($0.index) } ?? .null }),
                "results": JSON(node.results.map(\.index)),
                "layer": .integer(node.layer.index),
                "call": .integer(node.call),
            ])
        }
        var values: [JSON] = []
        var shapes = Memo<[Dimension], JSON>()
        for value in graph.values { values.append(try value.json(&shapes)) }
        var parameterList: [JSON] = []
        var views = Memo<View, JSON>()
        for parameter in parameters { parameterList.append(try parameter.json(&views)) }
        return [
            "format": "assay-graph",
            "version": .integer(Model.graphVersion),
            "name": .string(name),
            "inputs": .array(graph.inputs.map(\.json)),
            "outputs": .array(graph.outputs.map(\.json)),
            "records": .array(graph.records.map(\.json)),
            "separator": .string(graph.separator),
            "layers": .array(graph.layers.map(\.json)),
            "parameters": .array(parameterList),
            "values": .array(values),
            "nodes": .array(nodes),
        ]
    }

    /// A model from the JSON form of its graph and the tensors of its file.
    ///
    /// - Throws: `AssayError.unreadable` when the JSON is not of this form, a number points nowhere, or an operator does
    ///   not fit its operands.
    public init(
        graphJSON json: JSON, tensors: OrderedDictionary<String, Tensor>, provenance: Provenance,
        resolver: @escaping OperationResolver
    ) throws(AssayError) {
        var reader = GraphReader(json: json, tensors: tensors, resolver: resolver)
        do throws(AssayError) {
            try reader.read()
        } catch {
            throw error.located(file: provenance.path, object: "graph")
        }
        self.init(
            name: json["name"]?.string ?? "", graph: reader.graph, parameters: reader.parameters, tensors: tensors,
            provenance: provenance)
    }
}

extension JSON {
    /// A `Codable` value as JSON.
    public init(encoding value: some Encodable) throws(AssayError) {
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            encoder.nonConformingFloatEncodingStrategy = .convertToString(
                positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
            self = try JSON(parsing: ByteRegion([UInt8](encoder.encode(value))))
        } catch {
            throw .unreadable("cannot be written as JSON: \(error)")
        }
    }

    /// The `Codable` value that this JSON says.
    public func decoded<Value: Decodable>(as type: Value.Type) throws(AssayError) -> Value {
        do {
            let decoder = JSONDecoder()
            decoder.nonConformingFloatDecodingStrategy = .convertFromString(
                positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
            return try decoder.decode(Value.self, from: Data(text().utf8))
        } catch {
            throw .unreadable("not the JSON of a \(Value.self)")
        }
    }
}

extension Port {
    fileprivate var json: JSON {
        var members: OrderedDictionary<String, JSON> = ["name": .string(name), "value": .integer(value.index)]
        if let fill { members["fill"] = .number(fill) }
        return .object(members)
    }
}

extension Layer {
    fileprivate var json: JSON {
        var members: OrderedDictionary<String, JSON> = [
            "path": .string(path),
            "class": .string(className),
            "parent": parent.map { .integer($0.index) } ?? .null,
            "parameters": JSON(parameters.map(\.index)),
            "calls": .array(
                calls.map {
                    ["inputs": JSON($0.inputs.map(\.index)), "outputs": JSON($0.outputs.map(\.index))]
                }),
        ]
        if let configuration { members["configuration"] = configuration }
        return .object(members)
    }
}

extension Parameter {
    fileprivate func json(_ views: inout Memo<View, JSON>) throws(AssayError) -> JSON {
        [
            "role": .string(role),
            "path": .string(path),
            "layer": .integer(layer.index),
            "type": .string(type.displayName),
            "shape": JSON(shape.extents),
            "sources": JSON(sources),
            "view": try views.value(for: view) { () throws(AssayError) in try JSON(encoding: view) },
            "trainable": .bool(isTrainable),
        ]
    }
}

extension Value {
    fileprivate func json(_ shapes: inout Memo<[Dimension], JSON>) throws(AssayError) -> JSON {
        var members: OrderedDictionary<String, JSON> = ["type": .string(fact.type.displayName), "shape": .null]
        if let shape = fact.shape {
            members["shape"] = try shapes.value(for: shape) { () throws(AssayError) in try JSON(encoding: shape) }
        }
        switch origin {
        case .input(let name): members["input"] = .string(name)
        case .parameter(let parameter): members["parameter"] = .integer(parameter.index)
        case .constant(let tensor): members["bytes"] = .string(Hexadecimal.text(of: try tensor.bytes()))
        case .node(let node, let result): members["node"] = JSON([node.index, result])
        }
        return .object(members)
    }
}

/// Bytes as hexadecimal text: the constants of a graph are small.
enum Hexadecimal {
    private static let digits = Array("0123456789abcdef".utf8)

    /// Two digits a byte.
    static func text(of region: ByteRegion) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(2 * region.count)
        for byte in region.array {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of a text, nil when it is not hexadecimal.
    static func bytes(of text: String) -> [UInt8]? {
        let values = text.utf8.map { Character(Unicode.Scalar($0)).hexDigitValue }
        guard values.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(values.count / 2)
        for index in stride(from: 0, to: values.count, by: 2) {
            guard let high = values[index], let low = values[index + 1] else { return nil }
            bytes.append(UInt8(high << 4 | low))
        }
        return bytes
    }
}
