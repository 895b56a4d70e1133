// Immutable bytes that keep their owner alive: a part of a mapped file, or memory of our own.

import Glibc

/// Something whose bytes stay where they are, unchanged, as long as it lives.
public protocol ByteOwner: AnyObject, Sendable {
    /// Hears that `bytes` were read for the last time. They must stay readable; only the memory behind them may go, and
    /// that of their neighbours if `andNeighbours` is true.
    func release(_ bytes: UnsafeRawBufferPointer, andNeighbours: Bool)

    /// Hears that all of `bytes` are about to be read.
    func prepare(_ bytes: UnsafeRawBufferPointer)
}

extension ByteOwner {
    /// Keeps everything.
    public func release(_ bytes: UnsafeRawBufferPointer, andNeighbours: Bool) {}

    /// Does nothing: the bytes are in memory.
    public func prepare(_ bytes: UnsafeRawBufferPointer) {}
}

/// Immutable bytes with a reference to what owns them; slices share the owner, nothing is copied.
public struct ByteRegion: @unchecked Sendable {
    // Unchecked: the bytes are never written after the region is made, and the owner outlives the pointer.
    private let owner: any ByteOwner
    private let start: UnsafeRawPointer?
    /// The number of bytes.
    public let count: Int

    /// Bytes at `start` that `owner` keeps alive and unchanged.
    public init(owner: any ByteOwner, start: UnsafeRawPointer?, count: Int) {
        precondition(count >= 0 && (start != nil || count == 0))
        self.owner = owner
        self.start = start
        self.count = count
    }

    /// A copy of an array's bytes.
    public init(_ bytes: [UInt8]) {
        self.init(count: bytes.count) { $0.copyBytes(from: bytes) }
    }

    /// The same bytes in memory of our own.
    public var copied: ByteRegion {
        withUnsafeBytes { bytes in ByteRegion(count: bytes.count) { $0.copyMemory(from: bytes) } }
    }

    /// New bytes, zero at first, filled in by `fill`.
    public init<Failure: Error>(
        count: Int, filledBy fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        let owner = OwnedBytes(count: count)
        try fill(owner.buffer)
        self.init(owner: owner, start: UnsafeRawPointer(owner.buffer.baseAddress), count: count)
    }

    /// Calls `body` with the bytes.
    public func withSpan<Result, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { withExtendedLifetime(owner) {} }
        return try body(RawSpan(_unsafeBytes: UnsafeRawBufferPointer(start: start, count: count)))
    }

    /// Calls `body` with a pointer to the bytes; for kernels and system calls alone.
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { withExtendedLifetime(owner) {} }
        return try body(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// The bytes of `range`, sharing the owner.
    ///
    /// - Throws: `AssayError.unreadable` when the range leaves the region.
    public func slice(_ range: Range<Int>) throws(AssayError) -> ByteRegion {
        guard range.lowerBound >= 0, range.upperBound <= count else {
            throw .unreadable(
                "bytes \(range.lowerBound)..<\(range.upperBound) lie outside", expected: "at most \(count) bytes")
        }
        return ByteRegion(owner: owner, start: start.map { $0 + range.lowerBound }, count: range.count)
    }

    /// `count` bytes from `offset` on, sharing the owner; safe for numbers that come from a file.
    ///
    /// - Throws: `AssayError.unreadable` when they leave the region.
    public func slice(at offset: Int, count length: Int) throws(AssayError) -> ByteRegion {
        guard offset >= 0, length >= 0, offset <= count, length <= count - offset else {
            throw .unreadable("\(length) bytes at \(offset) lie outside", expected: "at most \(count) bytes")
        }
        return try slice(offset..<(offset + length))
    }

    /// Tells the owner that these bytes were read for the last time, so that a pass over a large mapped file stays
    /// small. They stay readable.
    ///
    /// - Parameter andNeighbours: whether everything goes that the system may have read along with them. For bytes whose
    ///   neighbours are not in use: they would be read again.
    public func release(andNeighbours: Bool = false) {
        owner.release(UnsafeRawBufferPointer(start: start, count: count), andNeighbours: andNeighbours)
    }

    /// Tells the owner that all of these bytes are about to be read, so that those of a mapped file come at once and not
    /// page by page.
    public func prepare() { owner.prepare(UnsafeRawBufferPointer(start: start, count: count)) }

    /// Whether both have the same bytes.
    public func isEqual(to other: ByteRegion) -> Bool {
        guard count == other.count else { return false }
        return withUnsafeBytes { mine in
            other.withUnsafeBytes { theirs in
                guard let first = mine.baseAddress, let second = theirs.baseAddress else { return true }
                return memcmp(first, second, count) == 0
            }
        }
    }

    /// The bytes, copied into an array.
    public var array: [UInt8] { withUnsafeBytes { [UInt8]($0) } }

    /// Whether the bytes begin at a multiple of `alignment`.
    public func isAligned(to alignment: Int) -> Bool { Int(bitPattern: start) % alignment == 0 }
}

/// Memory of our own, aligned for vector instructions.
private final class OwnedBytes: ByteOwner, @unchecked Sendable {
    // Unchecked: written only before the region that wraps it is shared.
    let buffer: UnsafeMutableRawBufferPointer
    private let allocation: UnsafeMutableRawPointer

    init(count: Int) {
        // calloc gets large blocks zeroed from the system, page by page as they are used.
        guard let memory = calloc(1, count + OwnedBytes.alignment) else { preconditionFailure("out of memory") }
        allocation = memory
        buffer = UnsafeMutableRawBufferPointer(
            start: memory.alignedUp(toMultipleOf: OwnedBytes.alignment), count: count)
        adviseLargePages()
    }

    /// A large block is about to be written from end to end: in large pages that costs the system far less.
    private func adviseLargePages() {
        guard buffer.count >= OwnedBytes.largeBlock, let start = buffer.baseAddress else { return }
        let first = start.alignedUp(toMultipleOf: OwnedBytes.largePage)
        let end = (start + buffer.count).alignedDown(toMultipleOf: OwnedBytes.largePage)
        if first < end { _ = madvise(first, end - first, MADV_HUGEPAGE) }
    }

    deinit { free(allocation) }

    private static let alignment = 64
    private static let largePage = 1 << 21
    private static let largeBlock = 1 << 23
}
