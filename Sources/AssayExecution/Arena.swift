// One block of memory for all computed values of a run, and what the machine has at most.

import AssayTensors
import Glibc

/// A block of memory. Its content is nobody's until a step writes it.
final class Arena {
    /// The first byte.
    let start: UnsafeMutableRawPointer

    /// A block of `byteCount` bytes at a multiple of the layout's alignment.
    ///
    /// - Throws: `AssayError.notRunnable` when the system has no such block.
    init(byteCount: Int) throws(AssayError) {
        var block: UnsafeMutableRawPointer?
        guard posix_memalign(&block, ArenaLayout.alignment, max(byteCount, ArenaLayout.alignment)) == 0, let block
        else {
            throw AssayError(
                .notRunnable, "the system has no memory for one run", expected: "\(byteCount >> 20) MiB",
                hint: "give inputs of a smaller batch")
        }
        start = block
    }

    deinit { free(start) }

    /// The memory of the machine in bytes: no run may ask for more.
    static let machineLimit = max(1 << 28, sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)))
}
