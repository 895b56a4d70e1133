// Memory that is used again: a run in another precision than the weights are stored in converts each of them in turn, and
// fresh pages from the system would cost more than the conversion.

import AssayTensors
import Glibc
import Synchronization

/// Blocks of memory that come back when nobody holds them any more.
final class BufferPool: Sendable {
    /// A block that waits for its next use.
    private struct Block: @unchecked Sendable {
        // Unchecked: whoever takes it out of the pool is its only user.
        let start: UnsafeMutableRawPointer
        let count: Int
    }

    private struct Free {
        var blocks: [Int: [Block]] = [:]
        var byteCount = 0
    }

    private let free = Mutex(Free())
    private let limit: Int

    /// A pool that keeps at most `limit` bytes that are in no use.
    init(limit: Int) { self.limit = limit }

    deinit {
        free.withLock { free in
            for block in free.blocks.values.joined() { Glibc.free(block.start) }
        }
    }

    /// Bytes that `fill` has written; they are given back when the region and its slices are gone.
    func region<Failure: Error>(
        count: Int, filledBy fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) -> ByteRegion {
        let size = max(1, (count + 4095) / 4096) * 4096
        let owner = PooledBytes(pool: self, start: take(size), size: size)
        try fill(UnsafeMutableRawBufferPointer(start: owner.start, count: count))
        return ByteRegion(owner: owner, start: UnsafeRawPointer(owner.start), count: count)
    }

    private func take(_ size: Int) -> UnsafeMutableRawPointer {
        let known = free.withLock { free -> Block? in
            guard let block = free.blocks[size]?.popLast() else { return nil }
            free.byteCount -= size
            return block
        }
        if let known { return known.start }
        var block: UnsafeMutableRawPointer?
        guard posix_memalign(&block, 64, size) == 0, let block else { preconditionFailure("out of memory") }
        return block
    }

    fileprivate func give(_ start: UnsafeMutableRawPointer, _ size: Int) {
        let block = Block(start: start, count: size)
        let isKept = free.withLock { free in
            guard free.byteCount + size <= limit else { return false }
            free.blocks[size, default: []].append(block)
            free.byteCount += size
            return true
        }
        if !isKept { Glibc.free(start) }
    }
}

/// A block in use.
private final class PooledBytes: ByteOwner, @unchecked Sendable {
    // Unchecked: written only before the region that wraps it is shared.
    let start: UnsafeMutableRawPointer
    private let pool: BufferPool
    private let size: Int

    init(pool: BufferPool, start: UnsafeMutableRawPointer, size: Int) {
        self.pool = pool
        self.start = start
        self.size = size
    }

    deinit { pool.give(start, size) }
}
