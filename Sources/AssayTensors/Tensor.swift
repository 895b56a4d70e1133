// A tensor: element type, shape, and bytes that lie in a mapped file, are owned, or are decoded on demand.

import Glibc

/// Yields the bytes of a tensor that is stored in another form (chunks, compressed frames, byte planes).
public protocol TensorDecoder: Sendable {
    /// The decoded size in bytes.
    var byteCount: Int { get }

    /// A part size that is cheap to decode alone, in bytes (a chunk row, a frame); ranges that start at its multiples
    /// decode nothing twice.
    var preferredPartSize: Int { get }

    /// Decodes the bytes `range` of the dense, row-major, little-endian tensor into `destination`, which has
    /// `range.count` bytes. May be called from several threads at once.
    func decode(_ range: Range<Int>, into destination: UnsafeMutableRawBufferPointer) throws(AssayError)
}

/// A dense, row-major, little-endian tensor. Copies share their bytes.
public struct Tensor: Sendable {
    /// Where the bytes are.
    public enum Storage: Sendable {
        /// In memory: mapped or owned.
        case region(ByteRegion)
        /// In another form, decoded when asked for.
        case decoder(any TensorDecoder)
    }

    /// The type of the elements.
    public let type: ElementType
    /// The extents.
    public let shape: Shape
    /// Where the bytes are.
    public let storage: Storage

    /// A tensor over bytes that are there.
    ///
    /// - Throws: `AssayError.unreadable` when the number of bytes is not what type and shape need.
    public init(type: ElementType, shape: Shape, region: ByteRegion) throws(AssayError) {
        let needed = try shape.byteCount(of: type)
        guard needed == region.count else {
            throw .unreadable(
                "wrong number of bytes for \(type.displayName) \(shape)", expected: "\(needed)",
                found: "\(region.count)")
        }
        self.type = type
        self.shape = shape
        self.storage = .region(region)
    }

    /// A tensor whose bytes are decoded when asked for.
    ///
    /// - Throws: `AssayError.unreadable` when the decoded size is not what type and shape need.
    public init(type: ElementType, shape: Shape, decoder: any TensorDecoder) throws(AssayError) {
        let needed = try shape.byteCount(of: type)
        guard needed == decoder.byteCount else {
            throw .unreadable(
                "wrong number of bytes for \(type.displayName) \(shape)", expected: "\(needed)",
                found: "\(decoder.byteCount)")
        }
        self.type = type
        self.shape = shape
        self.storage = .decoder(decoder)
    }

    /// The size of the dense tensor in bytes.
    public var byteCount: Int { shape.count * type.byteCount }

    /// All the bytes: where they lie, or decoded into new memory.
    public func bytes() throws(AssayError) -> ByteRegion {
        switch storage {
        case .region(let region): return region
        case .decoder(let decoder):
            return try ByteRegion(count: decoder.byteCount) { (buffer) throws(AssayError) in
                try decoder.decode(0..<decoder.byteCount, into: buffer)
            }
        }
    }

    /// The same tensor with its bytes in memory.
    public func loaded() throws(AssayError) -> Tensor {
        guard case .decoder = storage else { return self }
        return try Tensor(type: type, shape: shape, region: bytes())
    }

    /// The same elements, row-major, under another shape of the same count.
    ///
    /// - Throws: `AssayError.unreadable` when the counts differ.
    public func reshaped(to shape: Shape) throws(AssayError) -> Tensor {
        switch storage {
        case .region(let region): try Tensor(type: type, shape: shape, region: region)
        case .decoder(let decoder): try Tensor(type: type, shape: shape, decoder: decoder)
        }
    }

    /// The bytes `range`: where they lie, or decoded into new memory.
    ///
    /// - Throws: `AssayError.unreadable` when the range leaves the tensor or cannot be decoded.
    public func part(_ range: Range<Int>) throws(AssayError) -> ByteRegion {
        switch storage {
        case .region(let region): return try region.slice(range)
        case .decoder(let decoder):
            guard range.lowerBound >= 0, range.upperBound <= decoder.byteCount else {
                throw .unreadable("bytes \(range) lie outside", expected: "at most \(decoder.byteCount) bytes")
            }
            return try ByteRegion(count: range.count) { (buffer) throws(AssayError) in
                try decoder.decode(range, into: buffer)
            }
        }
    }

    /// Ranges of about `partSize` bytes that cover the tensor in order, cut where its storage is cheap to cut; all but
    /// the last are multiples of 64 bytes unless the storage prefers another size.
    public func partRanges(partSize: Int = 1 << 22) -> [Range<Int>] {
        let size = byteCount
        var step = max(partSize / 64 * 64, 64)
        if case .decoder(let decoder) = storage, decoder.preferredPartSize > 0 {
            let preferred = decoder.preferredPartSize
            step = max(preferred, step / preferred * preferred)
        }
        return stride(from: 0, to: size, by: step).map { $0..<min($0 + step, size) }
    }

    /// Calls `body` with the bytes in parts of about `partSize`, in order, so that a tensor of any size needs little
    /// memory. `body` gets the part's offset and its bytes; parts are multiples of the element size.
    public func forEachPart(
        partSize: Int = 1 << 22, _ body: (Int, ByteRegion) throws(AssayError) -> Void
    ) throws(AssayError) {
        for range in partRanges(partSize: partSize) { try body(range.lowerBound, part(range)) }
    }

    /// Whether both tensors have the same type, shape and bytes. Every bit counts: -0 differs from 0, and one NaN from
    /// another.
    ///
    /// - Parameter isLastUse: whether nobody reads the bytes afterwards, so that comparing large mapped files needs
    ///   little memory.
    public func isBitEqual(to other: Tensor, isLastUse: Bool = false) throws(AssayError) -> Bool {
        guard type == other.type, shape == other.shape else { return false }
        // Cut where the storage that is dearer to cut likes it.
        let ranges = preferredPartSize >= other.preferredPartSize ? partRanges() : other.partRanges()
        for range in ranges {
            let (mine, theirs) = (try part(range), try other.part(range))
            guard mine.isEqual(to: theirs) else { return false }
            if isLastUse {
                mine.release()
                theirs.release()
            }
        }
        return true
    }

    /// What the decoder prefers; 0 for bytes that are there.
    private var preferredPartSize: Int {
        if case .decoder(let decoder) = storage { decoder.preferredPartSize } else { 0 }
    }
}
