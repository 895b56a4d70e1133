// Tensors of ONNX: types, extents, and the several fields in which elements may stand.

import AssayContainers
import AssayTensors

extension ElementType {
    /// The type that ONNX gives this number; nil for those that Assay has not (text, complex numbers, 4-bit integers).
    init?(onnx number: Int32) {
        switch number {
        case 1: self = .f32
        case 2: self = .u8
        case 3: self = .i8
        case 4: self = .u16
        case 5: self = .i16
        case 6: self = .i32
        case 7: self = .i64
        case 9: self = .bool
        case 10: self = .f16
        case 11: self = .f64
        case 12: self = .u32
        case 13: self = .u64
        case 16: self = .bf16
        case 17: self = .f8e4m3
        case 19: self = .f8e5m2
        default: return nil
        }
    }

    /// The type of this number.
    ///
    /// - Throws: `AssayError.unreadable` where Assay has no such type.
    static func onnx(_ number: Int, object: String?) throws(AssayError) -> ElementType {
        guard let type = Int32(exactly: number).flatMap({ ElementType(onnx: $0) }) else {
            throw .unreadable("elements of a type that is not known here", found: "number \(number)", object: object)
        }
        return type
    }
}

extension ONNXFile {
    /// A tensor: in place where its bytes lie in a file as they are, else made of its typed fields.
    ///
    /// - Throws: `AssayError.unreadable` when type, extents and data do not fit together, naming the tensor.
    func tensor(_ tensor: ONNXTensorProto) throws(AssayError) -> Tensor {
        do throws(AssayError) {
            let type = try ElementType.onnx(Int(tensor.dataType), object: nil)
            let shape = try Shape(checking: tensor.dims.map { Int($0) })
            let raw = try rawBytes(of: tensor)
            return try Tensor(type: type, shape: shape, region: raw ?? elements(of: tensor, type))
        } catch {
            throw error.located(object: tensor.name.isEmpty ? nil : tensor.name)
        }
    }

    /// The elements of the typed fields, as dense little-endian bytes. Which field it is depends on the type; types
    /// narrower than 32 bits stand in `int32_data`, halves there by their bits.
    private func elements(of tensor: ONNXTensorProto, _ type: ElementType) -> ByteRegion {
        switch type {
        case .f32: return bytes(tensor.floatData) { $0.bitPattern }
        case .f64: return bytes(tensor.doubleData) { $0.bitPattern }
        case .i64: return bytes(tensor.int64Data) { $0 }
        case .u64: return bytes(tensor.uint64Data) { $0 }
        case .u32: return bytes(tensor.uint64Data) { UInt32(truncatingIfNeeded: $0) }
        case .i32: return bytes(tensor.int32Data) { $0 }
        case .i16, .u16, .f16, .bf16: return bytes(tensor.int32Data) { UInt16(truncatingIfNeeded: $0) }
        case .i8, .u8, .f8e4m3, .f8e5m2: return bytes(tensor.int32Data) { UInt8(truncatingIfNeeded: $0) }
        case .bool: return bytes(tensor.int32Data) { $0 == 0 ? 0 : 1 as UInt8 }
        }
    }

    private func bytes<Value, Element: FixedWidthInteger & BitwiseCopyable>(
        _ values: [Value], _ element: (Value) -> Element
    ) -> ByteRegion {
        let size = MemoryLayout<Element>.size
        return ByteRegion(count: values.count * size) { buffer in
            for (index, value) in values.enumerated() {
                buffer.storeBytes(of: element(value).littleEndian, toByteOffset: index * size, as: Element.self)
            }
        }
    }
}

extension ONNXValueInfoProto {
    /// What a file declares of a value: type and extents; nil where it says nothing that is known here.
    ///
    /// - Throws: `AssayError.unreadable` for an extent that is negative, or too many of them.
    func fact() throws(AssayError) -> (type: ElementType, shape: [ONNXTensorShapeProto.Dimension]?)? {
        guard type.hasTensorType, let element = ElementType(onnx: type.tensorType.elemType) else { return nil }
        guard type.tensorType.hasShape else { return (element, nil) }
        let extents = type.tensorType.shape.dim
        guard extents.count <= Shape.maximumRank else {
            throw .unreadable("too many axes", found: "\(extents.count)", object: name)
        }
        for extent in extents where extent.hasDimValue && extent.dimValue < 0 {
            throw .unreadable("a negative extent", found: "\(extent.dimValue)", object: name)
        }
        return (element, extents)
    }
}
