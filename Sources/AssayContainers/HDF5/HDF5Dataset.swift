// Datasets: arrays in the file, seen as tensors.

import AssayTensors
import OrderedCollections

/// A dataset of an HDF5 file.
public struct HDF5Dataset: Sendable {
    private let index: HDF5Index
    private let node: HDF5DatasetNode
    /// The path by which it was reached.
    public let path: String

    init(index: HDF5Index, node: HDF5DatasetNode, path: String) {
        self.index = index
        self.node = node
        self.path = path
    }

    /// The last part of the path.
    public var name: String { path.split(separator: "/").last.map(String.init) ?? "" }

    /// The attributes, in the order in which h5py lists them.
    public var attributes: OrderedDictionary<String, HDF5Attribute> { node.attributes }

    /// The type of the elements in the file.
    public var storedType: HDF5Datatype { node.type }

    /// The extents: none for a scalar, nil for a null dataspace, which has no elements.
    public var extents: [Int]? { node.extents }

    /// How the data are stored: `contiguous`, `chunks 64 × 100, shuffle, deflate`, ….
    public var storage: String { node.layout.description }

    /// The element type of `tensor()`, nil where the stored type is no number: strings are not numbers, and of opaque
    /// elements those that the attribute `dtype` names (as Keras writes) or, without it, two bytes as bfloat16.
    public var elementType: ElementType? {
        switch node.type {
        case .number(let type, _): return type
        case .opaque(let byteCount, _):
            if let name = node.attributes["dtype"]?.string {
                return ElementType(displayName: name).flatMap { $0.byteCount == byteCount ? $0 : nil }
            }
            return byteCount == 2 ? .bf16 : nil
        case .string, .unsupported: return nil
        }
    }

    /// The data as a tensor: where they lie in the file if they are contiguous and little-endian, else decoded when used.
    ///
    /// - Parameter opaque: the type that opaque elements have, where the caller knows.
    /// - Throws: `AssayError.unreadable` when the elements are no numbers, or the data are not to be had.
    public func tensor(opaqueAs opaque: ElementType? = nil) throws(AssayError) -> Tensor {
        do throws(AssayError) {
            let type = try requiredType(opaque)
            let shape = try requiredShape()
            let storage = try node.layout.storage(
                of: shape, elementSize: type.byteCount, swapSize: isBigEndian ? type.byteCount : 1, in: index)
            switch storage {
            case .region(let region): return try Tensor(type: type, shape: shape, region: region)
            case .decoder(let decoder): return try Tensor(type: type, shape: shape, decoder: decoder)
            }
        } catch {
            throw error.located(file: index.path, object: path)
        }
    }

    /// The strings of a dataset that holds text of fixed length.
    ///
    /// - Throws: `AssayError.unreadable` when it does not, or the data are not to be had.
    public func strings() throws(AssayError) -> [String] {
        do throws(AssayError) {
            guard case .string(let type) = node.type, let length = type.length else {
                throw .unreadable(
                    "the elements cannot be read", expected: "fixed-length strings", found: "\(node.type)")
            }
            let bytes = try storedBytes(elementSize: length).array
            var strings: [String] = []
            for start in stride(from: 0, to: bytes.count, by: length) {
                guard let text = type.text(bytes[start..<(start + length)]) else {
                    throw .unreadable("text is not UTF-8")
                }
                strings.append(text)
            }
            return strings
        } catch {
            throw error.located(file: index.path, object: path)
        }
    }

    private func storedBytes(elementSize: Int) throws(AssayError) -> ByteRegion {
        switch try node.layout.storage(of: requiredShape(), elementSize: elementSize, swapSize: 1, in: index) {
        case .region(let region): return region
        case .decoder(let decoder):
            return try ByteRegion(count: decoder.byteCount) { (buffer) throws(AssayError) in
                try decoder.decode(0..<decoder.byteCount, into: buffer)
            }
        }
    }

    private func requiredShape() throws(AssayError) -> Shape {
        guard let extents = node.extents else { throw .unreadable("has no values (null dataspace)") }
        return try Shape(checking: extents)
    }

    private var isBigEndian: Bool {
        if case .number(_, let isBigEndian) = node.type { isBigEndian } else { false }
    }

    private func requiredType(_ opaque: ElementType?) throws(AssayError) -> ElementType {
        if case .opaque(let byteCount, _) = node.type, let opaque, opaque.byteCount == byteCount { return opaque }
        guard let type = elementType else {
            throw .unreadable("the elements cannot be read", expected: "numbers", found: "\(node.type)")
        }
        return type
    }
}
