// Files that are mapped into memory, so that weights stay where they lie.

import CKernels
import Glibc

/// A file mapped for reading. The mapping lasts as long as any region of it.
public final class MappedFile: ByteOwner, @unchecked Sendable {
    // Unchecked: a private read-only mapping never changes after `init`.
    /// The path as it was given.
    public let path: String
    /// The number of bytes.
    public let count: Int
    private let start: UnsafeMutableRawPointer?
    /// Which file it is.
    private let identity: (device: dev_t, number: ino_t)

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
        identity = (status.st_dev, status.st_ino)
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
    public func release(_ bytes: UnsafeRawBufferPointer) {
        guard let start, let first = bytes.baseAddress else { return }
        guard first >= UnsafeRawPointer(start), first + bytes.count <= UnsafeRawPointer(start) + count else { return }
        // Whoever touches a page gets its neighbours with it, also those that were given back before: they go again.
        let lower = max(UnsafeRawPointer(start), first.alignedDown(toMultipleOf: MappedFile.window))
        let upper = min(
            UnsafeRawPointer(start) + count, (first + bytes.count).alignedUp(toMultipleOf: MappedFile.window))
        guard lower < upper else { return }
        _ = madvise(UnsafeMutableRawPointer(mutating: lower), upper - lower, MADV_DONTNEED)
    }

    /// What Linux maps at a time around a page that is touched.
    private static let window = 1 << 16

    /// Writing from mapped pages brings each of them into memory first; the system need not do that. The file is opened
    /// again, since checkpoints may have more shards than a process may have open files.
    public func copy(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, at offset: Int) -> Int {
        guard let start, let first = bytes.baseAddress else { return 0 }
        let source = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard source >= 0 else { return 0 }
        defer { close(source) }
        var status = stat()
        guard fstat(source, &status) == 0, (status.st_dev, status.st_ino) == identity else { return 0 }
        let from = first - UnsafeRawPointer(start)
        return assay_copy_between_files(source, Int64(from), descriptor, Int64(offset), bytes.count)
    }

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
