// An ONNX file as it lies on disk: the messages decoded, the bytes of tensors still in the mapped file.

import AssayContainers
import AssayTensors
import SwiftProtobuf

/// An ONNX file: its messages, and where its tensors lie.
struct ONNXFile {
    /// The path as the user gave it.
    let path: String
    /// The decoded messages; `rawData` of a tensor is a reference into `skeleton`.
    let message: ONNXModelProto
    private let skeleton: WireSkeleton
    private let external: ExternalData

    /// Reads the file at `path`, which is mapped as `bytes`.
    ///
    /// - Throws: `AssayError.unreadable` when it is damaged.
    init(path: String, bytes: ByteRegion) throws(AssayError) {
        self.path = path
        let skeleton = try WireSkeleton(bytes, schema: ONNXFile.schema)
        do {
            message = try ONNXModelProto(serializedBytes: skeleton.bytes)
        } catch {
            throw .unreadable("is damaged: its messages cannot be decoded", found: "\(error)")
        }
        self.skeleton = skeleton
        external = ExternalData(modelPath: path)
        guard message.hasGraph else { throw .unreadable("holds no graph") }
        // The tensors' own bytes, which came along, are read when they are wanted.
        bytes.release()
    }

    /// Whether bytes are a model of ONNX: fields of `ModelProto`, the version first, a graph among them.
    static func recognises(_ bytes: ByteRegion) -> Bool {
        var reader = WireReader(bytes)
        var hasVersion = false
        while let field = try? reader.next() {
            switch field.number {
            case 1 where field.integer != nil: hasVersion = true
            case 7 where field.content != nil: return hasVersion
            case 2...6, 8, 14, 20, 25, 26: continue
            default: return false
            }
        }
        return false
    }

    /// The bytes of a tensor that the file or a file beside it holds as they are; nil where they stand in typed fields.
    ///
    /// - Throws: `AssayError.unreadable` when they are not there.
    func rawBytes(of tensor: ONNXTensorProto) throws(AssayError) -> ByteRegion? {
        if tensor.dataLocation == .external { return try external.bytes(of: tensor) }
        return tensor.hasRawData ? try skeleton.region(tensor.rawData) : nil
    }

    /// Where tensors are reached, and which of their fields stay in the file.
    private static let schema = WireSchema(
        root: "model",
        messages: [
            "model": [7: .message("graph"), 25: .message("function")],
            "function": [7: .message("node"), 11: .message("attribute")],
            "graph": [1: .message("node"), 5: .message("tensor"), 15: .message("sparse")],
            "node": [5: .message("attribute")],
            "attribute": [5: .message("tensor"), 6: .message("graph")],
            "sparse": [1: .message("tensor"), 2: .message("tensor")],
            "tensor": [9: .bytes],
        ])
}
