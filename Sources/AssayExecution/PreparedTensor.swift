// Tensors as the fast path wants them: where they lie when type and alignment fit, else converted into memory of our own.

import AssayGraph
import AssayOperators
import AssayTensors

/// A value of the fast path together with what keeps its bytes alive.
public struct PreparedTensor<Scalar: FastScalar>: Sendable {
    /// The value. Its bytes may be those of a mapped file: nobody writes to them.
    public let tensor: FastTensor<Scalar>
    /// Whether the bytes were made here, and not found where they lie.
    public let isCopy: Bool
    private let region: ByteRegion

    /// `tensor`, held as a value of `type` is held while a model runs.
    ///
    /// - Parameters:
    ///   - type: the type that the graph declares; floating-point values for an integer type are cut towards zero.
    ///   - adjust: changes the elements of a floating-point value, in memory of its own.
    /// - Throws: `AssayError.unreadable` when the bytes cannot be decoded, or hold what no 64-bit integer holds.
    public init(
        _ tensor: Tensor, as type: ElementType, adjust: ((UnsafeMutableBufferPointer<Scalar>) -> Void)? = nil
    ) throws(AssayError) {
        try self.init(tensor, as: type, pool: nil, adjust: adjust)
    }

    /// The same, with memory from a pool where there is one.
    init(
        _ tensor: Tensor, as type: ElementType, pool: BufferPool?,
        adjust: ((UnsafeMutableBufferPointer<Scalar>) -> Void)? = nil
    ) throws(AssayError) {
        let bytes = try tensor.bytes()
        let storage = StorageClass(type)
        let adjusted = storage == .real ? adjust : nil
        let isDecoded = if case .decoder = tensor.storage { true } else { false }
        let fits = adjusted == nil && PreparedTensor.fits(tensor.type, bytes, storage)
        if fits, isDecoded || bytes.count > PreparedTensor.copyLimit {
            region = bytes
            isCopy = isDecoded
        } else {
            region =
                switch storage {
                case _ where fits: bytes.copied
                case .real: try PreparedTensor.reals(tensor, bytes, pool) { adjusted?($0) }
                case .integer: PreparedTensor.integers(try tensor.integers())
                case .boolean: ByteRegion(try tensor.doubles().map { $0 == 0 ? 0 : 1 })
                }
            // What was copied is not needed where it lies: a mapped file and its copy would count twice.
            bytes.release(andNeighbours: true)
            isCopy = true
        }
        self.tensor = PreparedTensor.view(region, type, tensor.shape)
    }

    /// Some rows of a table of reals; the memory of the others holds anything.
    ///
    /// - Parameter adjust: changes the elements of a row, of which the first has this index.
    init?(
        rows: [Int], of tensor: Tensor, as type: ElementType, pool: BufferPool,
        adjust: (Int, UnsafeMutableBufferPointer<Scalar>) -> Void
    ) throws(AssayError) {
        guard StorageClass(type) == .real, case .region(let bytes) = tensor.storage else { return nil }
        let width = tensor.shape.count / tensor.shape[0]
        // Large blocks come from the system page by page, as they are written.
        region = try pool.region(count: tensor.shape.count * MemoryLayout<Scalar>.stride) {
            (target) throws(AssayError) in
            let values = target.bindMemory(to: Scalar.self)
            for row in rows {
                let elements = row * width..<(row + 1) * width
                try PreparedTensor.convert(elements, of: tensor, bytes, to: values)
                adjust(elements.lowerBound, UnsafeMutableBufferPointer(rebasing: values[elements]))
            }
        }
        bytes.release(andNeighbours: true)
        isCopy = true
        self.tensor = PreparedTensor.view(region, type, tensor.shape)
    }

    /// Integers that the plan itself found.
    init(integers: [Int], type: ElementType, shape: Shape) {
        region = PreparedTensor.integers(integers)
        isCopy = true
        tensor = PreparedTensor.view(region, type, shape)
    }

    /// The elements as they are held.
    var bytes: ByteRegion { region }

    /// The size of the memory that was made for it.
    var copiedByteCount: Int { isCopy ? region.count : 0 }

    /// Gives the memory of a mapped file back; the bytes stay readable.
    func releasePages() { region.release(andNeighbours: true) }

    /// Up to so many bytes, a tensor of a mapped file is copied: as long as it is in use where it lies, so is the large page
    /// around it.
    private static var copyLimit: Int { 1 << 16 }

    /// Whether the bytes of a tensor are there, and what the fast path wants.
    static func isReady(_ tensor: Tensor, as type: ElementType) -> Bool {
        guard case .region(let bytes) = tensor.storage else { return false }
        return fits(tensor.type, bytes, StorageClass(type))
    }

    /// Whether bytes of `type` are what the fast path wants, as they lie.
    private static func fits(_ type: ElementType, _ bytes: ByteRegion, _ storage: StorageClass) -> Bool {
        switch storage {
        case .real: type == Scalar.elementType && bytes.isAligned(to: MemoryLayout<Scalar>.alignment)
        case .integer: type == .i64 && bytes.isAligned(to: MemoryLayout<Int64>.alignment)
        case .boolean: type == .bool && bytes.withUnsafeBytes { $0.allSatisfy { $0 <= 1 } }
        }
    }

    /// Puts some elements of a tensor into their places, and gives the bytes that they were read from.
    @discardableResult
    private static func convert(
        _ elements: Range<Int>, of tensor: Tensor, _ bytes: ByteRegion, to values: UnsafeMutableBufferPointer<Scalar>
    ) throws(AssayError) -> ByteRegion {
        let size = tensor.type.byteCount
        let part = try bytes.slice(elements.lowerBound * size..<elements.upperBound * size)
        let converted = UnsafeMutableBufferPointer(rebasing: values[elements])
        part.withUnsafeBytes { Scalar.convert($0, of: tensor.type, to: converted, count: elements.count) }
        return part
    }

    private static func reals(
        _ tensor: Tensor, _ bytes: ByteRegion, _ pool: BufferPool?,
        _ adjust: (UnsafeMutableBufferPointer<Scalar>) -> Void
    ) throws(AssayError) -> ByteRegion {
        let count = tensor.shape.count
        let byteCount = count * MemoryLayout<Scalar>.stride
        func fill(_ target: UnsafeMutableRawBufferPointer) throws(AssayError) {
            let values = target.bindMemory(to: Scalar.self)
            for first in stride(from: 0, to: count, by: conversionLength) {
                try convert(first..<min(first + conversionLength, count), of: tensor, bytes, to: values).release()
            }
            adjust(values)
        }
        guard let pool else { return try ByteRegion(count: byteCount, filledBy: fill) }
        return try pool.region(count: byteCount, filledBy: fill)
    }

    /// Elements that are converted before their pages of a mapped file are given back: a tensor is never in memory twice.
    private static var conversionLength: Int { 1 << 20 }

    private static func integers(_ values: [Int]) -> ByteRegion {
        ByteRegion(count: values.count * MemoryLayout<Int64>.stride) { target in
            values.withUnsafeBytes { target.copyMemory(from: $0) }
        }
    }

    private static func view(_ region: ByteRegion, _ type: ElementType, _ shape: Shape) -> FastTensor<Scalar> {
        // An empty tensor has no bytes to point at; any aligned address serves, since nothing is read through it.
        let start = region.withUnsafeBytes { $0.baseAddress } ?? UnsafeRawPointer(bitPattern: ArenaLayout.alignment)
        guard let start else { preconditionFailure("an address that is not zero") }
        return FastTensor(type: type, shape: shape.extents, start: UnsafeMutableRawPointer(mutating: start))
    }
}

extension FastScalar {
    /// Converts elements of any type to this scalar.
    static func convert(
        _ source: UnsafeRawBufferPointer, of type: ElementType, to target: UnsafeMutableBufferPointer<Self>, count: Int
    ) {
        let raw = UnsafeMutableRawBufferPointer(target)
        if Self.elementType == .f32 {
            ElementConversion.convert(source, of: type, toFloats: raw.bindMemory(to: Float.self), count: count)
        } else {
            ElementConversion.convert(source, of: type, toDoubles: raw.bindMemory(to: Double.self), count: count)
        }
    }
}

extension Tensor {
    /// A copy of a value of the fast path: reals in the precision of the run, integers as `i64`, booleans as `bool`.
    public init<Scalar: FastScalar>(copying value: FastTensor<Scalar>) {
        let type: ElementType =
            switch value.storage {
            case .real: Scalar.elementType
            case .integer: .i64
            case .boolean: .bool
            }
        let byteCount = value.count * type.byteCount
        let region = ByteRegion(count: byteCount) { target in
            target.copyMemory(from: UnsafeRawBufferPointer(start: value.start, count: byteCount))
        }
        do throws(AssayError) {
            try self.init(type: type, shape: Shape(value.shape), region: region)
        } catch {
            preconditionFailure("the region was made for this type and shape")
        }
    }

    /// A copy of a value of the reference path: reals as `f64`, integers and booleans in the type that they stand for.
    ///
    /// - Throws: `AssayError.unreadable` when an integer type does not hold a value.
    public init(copying value: ReferenceTensor) throws(AssayError) {
        let doubles = Tensor(value.values, shape: Shape(value.shape))
        self = value.type.isFloatingPoint ? doubles : try doubles.converted(to: value.type)
    }
}
