// The public entry: an ONNX file → a model.

import AssayContainers
import AssayGraph
import AssayTensors
import OrderedCollections

/// Reads models in ONNX. Nothing in a file is ever executed.
public enum ONNXReader {
    /// The dialect's name.
    public static let dialect = "onnx"

    /// Whether bytes are a model of ONNX, by their structure.
    public static func recognises(_ bytes: ByteRegion) -> Bool { ONNXFile.recognises(bytes) }

    /// Reads a model.
    ///
    /// - Parameters:
    ///   - path: the file; tensors outside it are looked for in its folder.
    ///   - operators: the operators that are known.
    ///   - raises: whether patterns of elementary operators become what they stand for.
    /// - Throws: `AssayError.unreadable` naming the node or tensor that is wrong.
    public static func read(
        path: String, operators: [ONNXOperator] = ONNXRegistry.all, raises: Bool = true
    ) throws(AssayError) -> Model {
        do throws(AssayError) {
            let file = try ONNXFile(path: path, bytes: MappedFile(path: path).bytes)
            let assembly = ONNXAssembly(file, operators: operators)
            try assembly.assemble()
            var elementary = try GraphRebuilder(assembly.elementary).rebuilt()
            if raises { elementary = try Rewrites.apply(to: elementary) }
            elementary = try GraphRebuilder(elementary, describes: true).rebuilt()
            elementary.closeRegions()
            elementary.builder.graph.checkInvariants()
            return Model(
                name: file.message.graph.name, graph: elementary.builder.graph,
                parameters: elementary.builder.parameters, tensors: assembly.tensors,
                provenance: provenance(of: file), defects: assembly.defects)
        } catch {
            throw error.located(file: path)
        }
    }

    private static func provenance(of file: ONNXFile) -> Provenance {
        let message = file.message
        let opsets = message.opsetImport.map { ($0.domain.isEmpty ? "ai.onnx" : $0.domain, $0.version) }
        var provenance = Provenance(dialect: dialect, path: file.path)
        provenance.attributes["ir_version"] = .integer(Int(clamping: message.irVersion))
        provenance.attributes["opset_import"] = .object(
            OrderedDictionary(opsets.map { ($0, .integer(Int(clamping: $1))) }) { $1 })
        if message.hasProducerName {
            provenance.attributes["producer"] = .string(
                [message.producerName, message.producerVersion].filter { !$0.isEmpty }.joined(separator: " "))
        }
        return provenance
    }
}
