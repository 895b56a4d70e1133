// ONNX files written in the test, message by message.

import AssayExecution
import AssayGraph
import AssayTensors
import AssayTestSupport

@testable import AssayONNX

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A model under construction.
struct ModelBuilder {
    var model = ONNXModelProto()

    /// A model of one opset.
    init(opset: Int64 = 17) {
        model.irVersion = 8
        model.graph.name = "test"
        use(opset, of: "")
    }

    /// Says which version of a domain's operators the model uses.
    mutating func use(_ version: Int64, of domain: String) {
        var entry = ONNXOperatorSetIdProto()
        entry.domain = domain
        entry.version = version
        model.opsetImport.append(entry)
    }

    /// An input; a text is a symbolic extent.
    mutating func input(_ name: String, _ type: ElementType = .f32, _ shape: [Dimension]) {
        model.graph.input.append(ModelBuilder.value(name, type, shape))
    }

    /// An output.
    mutating func output(_ name: String, _ type: ElementType = .f32, _ shape: [Dimension]) {
        model.graph.output.append(ModelBuilder.value(name, type, shape))
    }

    /// A stored tensor.
    mutating func store(_ name: String, _ tensor: Tensor) throws {
        model.graph.initializer.append(try ModelBuilder.stored(name, tensor))
    }

    /// A node.
    mutating func add(
        _ type: String, _ inputs: [String], _ outputs: [String], name: String = "", domain: String = "",
        attributes: [ONNXAttributeProto] = []
    ) {
        model.graph.node.append(
            ModelBuilder.node(type, inputs, outputs, name: name, domain: domain, attributes: attributes))
    }

    /// Writes the file.
    func write(to folder: TemporaryFolder, _ name: String = "model.onnx") throws -> String {
        try folder.write(try model.serializedBytes(), to: name)
    }

    /// The model as Assay reads it.
    func read(
        operators: [ONNXOperator] = ONNXRegistry.all, raises: Bool = true
    ) throws -> Model {
        let folder = TemporaryFolder()
        return try ONNXReader.read(path: write(to: folder), operators: operators, raises: raises)
    }

    // MARK: Messages

    static func value(_ name: String, _ type: ElementType, _ shape: [Dimension]) -> ONNXValueInfoProto {
        var value = ONNXValueInfoProto()
        value.name = name
        value.type.tensorType.elemType = number(of: type)
        for extent in shape {
            var dimension = ONNXTensorShapeProto.Dimension()
            switch extent {
            case .known(let number): dimension.dimValue = Int64(number)
            case .symbolic(let symbol): dimension.dimParam = symbol
            }
            value.type.tensorType.shape.dim.append(dimension)
        }
        return value
    }

    static func node(
        _ type: String, _ inputs: [String], _ outputs: [String], name: String = "", domain: String = "",
        attributes: [ONNXAttributeProto] = []
    ) -> ONNXNodeProto {
        var node = ONNXNodeProto()
        node.opType = type
        node.input = inputs
        node.output = outputs
        node.name = name
        node.domain = domain
        node.attribute = attributes
        return node
    }

    static func stored(_ name: String, _ tensor: Tensor) throws -> ONNXTensorProto {
        var message = ONNXTensorProto()
        message.name = name
        message.dataType = number(of: tensor.type)
        message.dims = tensor.shape.extents.map { Int64($0) }
        message.rawData = Data(try tensor.bytes().array)
        return message
    }

    private static func number(of type: ElementType) -> Int32 {
        (1...20).first { ElementType(onnx: $0) == type } ?? 0
    }
}

extension ONNXAttributeProto {
    static func integer(_ name: String, _ value: Int) -> ONNXAttributeProto {
        make(name, .int) { $0.i = Int64(value) }
    }

    static func real(_ name: String, _ value: Float) -> ONNXAttributeProto { make(name, .float) { $0.f = value } }

    static func integers(_ name: String, _ values: [Int]) -> ONNXAttributeProto {
        make(name, .ints) { $0.ints = values.map { Int64($0) } }
    }

    static func text(_ name: String, _ value: String) -> ONNXAttributeProto {
        make(name, .string) { $0.s = Data(value.utf8) }
    }

    static func graph(_ name: String, _ value: ONNXGraphProto) -> ONNXAttributeProto {
        make(name, .graph) { $0.g = value }
    }

    /// An attribute of the enclosing function's call.
    static func reference(_ name: String, to attribute: String) -> ONNXAttributeProto {
        make(name, .int) { $0.refAttrName = attribute }
    }

    private static func make(
        _ name: String, _ type: AttributeType, _ set: (inout ONNXAttributeProto) -> Void
    ) -> ONNXAttributeProto {
        var attribute = ONNXAttributeProto()
        attribute.name = name
        attribute.type = type
        set(&attribute)
        return attribute
    }
}

extension Model {
    /// One of the outputs for these inputs, in Double.
    func result(_ inputs: [String: Tensor], output: Int = 0) throws -> [Double] {
        let result = try ModelRunner(self).run(.init(uniqueKeysWithValues: inputs.map { ($0, $1) }), precision: .double)
        return try result.outputs.values[output].doubles()
    }

    /// The names of the operators, in order.
    var operatorNames: [String] { graph?.nodes.map { $0.operation.name } ?? [] }
}

/// A tensor of floats.
func floats(_ values: [Float], _ extents: Int...) -> Tensor {
    Tensor(values, shape: Shape(extents.isEmpty ? [values.count] : extents))
}

/// A tensor of integers of one axis.
func integers(_ values: Int...) -> Tensor { Tensor(values.map { Int64($0) }, shape: Shape([values.count])) }
