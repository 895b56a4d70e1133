// Memory and other workspaces that are made once and used again, by one thread at a time.

import AssayTensors
import Synchronization

/// Workspaces that are idle; a thread takes one, or makes a new one, and gives it back.
final class WorkspacePool<Workspace: AnyObject & Sendable>: Sendable {
    private let idle = Mutex<[Workspace]>([])

    /// Calls `body` with a workspace that nobody else uses meanwhile.
    func withWorkspace<Result>(
        orMake make: () throws(AssayError) -> Workspace, _ body: (Workspace) throws(AssayError) -> Result
    ) throws(AssayError) -> Result {
        let workspace: Workspace
        if let waiting = idle.withLock({ $0.popLast() }) { workspace = waiting } else { workspace = try make() }
        defer { idle.withLock { $0.append(workspace) } }
        return try body(workspace)
    }
}

/// Memory that is used again and again; it grows to the largest size asked for.
final class ScratchMemory: @unchecked Sendable {
    // Unchecked: it belongs to one thread at a time.
    private var memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)

    deinit { memory.deallocate() }

    /// `count` bytes of any content.
    func buffer(_ count: Int) -> UnsafeMutableRawBufferPointer {
        if memory.count < count {
            memory.deallocate()
            memory = .allocate(byteCount: count, alignment: 64)
        }
        return UnsafeMutableRawBufferPointer(rebasing: memory[..<count])
    }

    /// `count` bytes of any content that stand half a page away from `address` in their pages. Where what is copied and its
    /// target stand nearly alike in their pages, the string moves by which the C library and the system copy take three to
    /// five times as long (measured on an AMD EPYC).
    func buffer(_ count: Int, apartFrom address: Int) -> UnsafeMutableRawBufferPointer {
        let whole = buffer(count + ScratchMemory.pageSize)
        let distance = address &- Int(bitPattern: whole.baseAddress) &+ ScratchMemory.pageSize / 2
        let start = distance & (ScratchMemory.pageSize - 1)
        return UnsafeMutableRawBufferPointer(rebasing: whole[start..<start + count])
    }

    private static let pageSize = 4096
}
