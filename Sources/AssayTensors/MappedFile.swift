// Files that are mapped into memory, so that weights stay where they lie.

import Glibc

/// A file mapped for reading. The mapping lasts as long as any region of it.
public final class MappedFile: ByteOwner, @unchecked Sendable {
    // Unchecked: a private read-only mapping never changes after `init`.
    /// The path as it was given.
    public let path: String
    /// The number of bytes.
    public let count: Int
    private let start: UnsafeMutableRawPointer?

    /// Maps the regular file at `path`.
    ///
    /// - Throws: `AssayError.unreadable` when it is missing, a directory, another special file, or not readable.
    public init(path: String) throws(AssayError) {
        self.path = path
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadable(MappedFile.reason(errno), file: path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .unreadable(MappedFile.reason(errno), file: path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            let kind = status.st_mode & S_IFMT == S_IFDIR ? "is a folder" : "is not a regular file"
            throw .unreadable(kind, file: path)
        }
        count = Int(status.st_size)
        if count == 0 {
            start = nil
            return
        }
        guard let address = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), address != MAP_FAILED else {
            throw .unreadable("cannot be mapped: \(MappedFile.reason(errno))", file: path)
        }
        start = address
    }

    deinit {
        if let start { munmap(start, count) }
    }

    /// All the bytes.
    public var bytes: ByteRegion { ByteRegion(owner: self, start: UnsafeRawPointer(start), count: count) }

    /// Gives the memory of these bytes back to the system; reading them again reads the file again.
    public func release(_ bytes: UnsafeRawBufferPointer, andNeighbours: Bool) {
        // Whoever touches a page gets its neighbours with it, also those that were given back before: they go again.
        advise(MADV_DONTNEED, on: bytes, inWindowsOf: andNeighbours ? MappedFile.largePage : MappedFile.window)
    }

    /// Maps the pages of these bytes at once.
    public func prepare(_ bytes: UnsafeRawBufferPointer) {
        advise(MADV_POPULATE_READ, on: bytes, inWindowsOf: Int(sysconf(Int32(_SC_PAGESIZE))))
    }

    /// Advice for whole windows around bytes of this file. It is a hint: a system that does not know it ignores it.
    private func advise(_ advice: Int32, on bytes: UnsafeRawBufferPointer, inWindowsOf window: Int) {
        guard let start, let first = bytes.baseAddress else { return }
        let (fileStart, fileEnd) = (UnsafeRawPointer(start), UnsafeRawPointer(start) + count)
        guard first >= fileStart, first + bytes.count <= fileEnd else { return }
        let lower = max(fileStart, first.alignedDown(toMultipleOf: window))
        let upper = min(fileEnd, (first + bytes.count).alignedUp(toMultipleOf: window))
        guard lower < upper else { return }
        _ = madvise(UnsafeMutableRawPointer(mutating: lower), upper - lower, advice)
    }

    /// What Linux maps at a time around a page that is touched.
    private static let window = 1 << 16
    /// What it maps at a time where it keeps the file in large pages.
    private static let largePage = 1 << 21

    /// What the system says of an error number.
    public static func reason(_ number: Int32) -> String {
        switch number {
        case ENOENT: "no such file or folder"
        case EACCES, EPERM: "permission denied"
        case ENOSPC: "no space left on the device"
        case EROFS: "the file system is read-only"
        case EISDIR: "is a folder"
        case EFBIG: "file too large for the limit in force"
        default: String(cString: strerror(number))
        }
    }
}
