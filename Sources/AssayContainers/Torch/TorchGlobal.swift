// The names that the pickle of a state dict may use. Nothing is looked up or called: each stands for one thing to do here.

import AssayTensors

/// A Python name that a state dict needs.
enum TorchGlobal: Hashable {
    /// `collections.OrderedDict`, called without arguments.
    case orderedDictionary
    /// `torch._utils._rebuild_tensor_v2`: a view of a storage.
    case rebuildTensor
    /// `torch._utils._rebuild_parameter`: a tensor that is trained.
    case rebuildParameter
    /// `torch.Size`: a tuple of extents.
    case size
    /// `torch.FloatStorage` and its like: the type of a storage's elements.
    case storage(ElementType)

    /// The name as the file has it; nil for every name that is refused.
    init?(module: String, name: String) {
        guard let global = TorchGlobal.known["\(module).\(name)"] else { return nil }
        self = global
    }

    /// The name as Python has it.
    var name: String { TorchGlobal.known.first { $0.value == self }?.key ?? "" }

    private static let known: [String: TorchGlobal] = [
        "collections.OrderedDict": .orderedDictionary,
        "torch._utils._rebuild_tensor_v2": .rebuildTensor,
        "torch._utils._rebuild_parameter": .rebuildParameter,
        "torch.Size": .size,
        "torch.DoubleStorage": .storage(.f64),
        "torch.FloatStorage": .storage(.f32),
        "torch.HalfStorage": .storage(.f16),
        "torch.BFloat16Storage": .storage(.bf16),
        "torch.LongStorage": .storage(.i64),
        "torch.IntStorage": .storage(.i32),
        "torch.ShortStorage": .storage(.i16),
        "torch.CharStorage": .storage(.i8),
        "torch.ByteStorage": .storage(.u8),
        "torch.BoolStorage": .storage(.bool),
    ]
}

/// A storage of PyTorch: elements of one type in a row, which several tensors may share.
struct TorchStorage: Hashable {
    let key: String
    let type: ElementType
    /// The number of elements that the pickle claims.
    let count: Int
}

/// A tensor of PyTorch: a view of a storage.
struct TorchView: Hashable {
    let storage: TorchStorage
    /// The first element's place in the storage.
    let offset: Int
    let shape: Shape
    let strides: [Int]

    /// A view that lies inside its storage and has no more elements than it.
    ///
    /// - Throws: `AssayError.unreadable` when it does not.
    init(storage: TorchStorage, offset: Int, extents: [Int], strides: [Int]) throws(AssayError) {
        shape = try Shape(checking: extents)
        guard strides.count == extents.count, offset >= 0, strides.allSatisfy({ $0 >= 0 }) else {
            throw .unreadable("a tensor of shape \(shape) has strides \(strides) and offset \(offset)")
        }
        var last = offset
        var overflow = false
        for (extent, stride) in zip(extents, strides) where extent > 0 {
            let (step, overflowed) = (extent - 1).multipliedReportingOverflow(by: stride)
            let (sum, exceeded) = last.addingReportingOverflow(step)
            overflow = overflow || overflowed || exceeded
            last = sum
        }
        let isInside = shape.count == 0 ? offset <= storage.count : last < storage.count
        guard !overflow, isInside, shape.count <= storage.count else {
            throw .unreadable(
                "a tensor of shape \(shape) with strides \(strides) and offset \(offset) leaves its storage",
                expected: "at most \(storage.count) elements")
        }
        self.storage = storage
        self.offset = offset
        self.strides = strides
    }

    /// The tensor, where the storage's bytes lie if its elements are in row-major order, else rearranged when used.
    ///
    /// - Throws: `AssayError.unreadable` when the bytes are not those of the storage.
    func tensor(in bytes: ByteRegion) throws(AssayError) -> Tensor {
        let type = storage.type
        guard bytes.count / type.byteCount == storage.count, bytes.count % type.byteCount == 0 else {
            throw .unreadable(
                "the storage \(storage.key) has another size", expected: "\(storage.count) \(type.displayName)",
                found: "\(bytes.count) bytes")
        }
        if isRowMajor {
            let region = try bytes.slice(at: offset * type.byteCount, count: shape.byteCount(of: type))
            return try Tensor(type: type, shape: shape, region: region)
        }
        let rest = try bytes.slice((offset * type.byteCount)..<bytes.count)
        let array = RearrangedArray(
            source: .init(storage: .region(rest), byteCount: rest.count), type: type, shape: shape, strides: strides,
            swaps: false)
        return try Tensor(type: type, shape: shape, decoder: array)
    }

    /// Whether the elements lie one after the other; the stride of an axis with one element does not matter.
    private var isRowMajor: Bool {
        shape.count == 0 || zip(shape.extents, zip(strides, shape.strides)).allSatisfy { $0 == 1 || $1.0 == $1.1 }
    }
}
