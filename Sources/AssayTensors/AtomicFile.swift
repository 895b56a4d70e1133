// Files that are there whole or not at all.

import CFiles
import Glibc

/// A file under construction beside its final place. `commit` moves it there; without it nothing is left behind.
public final class AtomicFile: @unchecked Sendable {
    // Unchecked: positional writes of distinct ranges may come from several threads, the rest from one.
    private let path: String
    private let temporaryPath: String
    private let isDurable: Bool
    private var descriptor: Int32
    /// Up to where the device has begun to write.
    private var writtenBack = 0
    /// Whether `commit` has moved the file to its place.
    public private(set) var isCommitted = false

    /// Starts a file that will stand at `path`.
    ///
    /// - Parameter durable: whether `commit` waits until the bytes have reached the device, and the folder's entry after
    ///   them, which a large file pays for.
    /// - Throws: `AssayError.writeFailed` when the folder cannot be written to, or `path` is a folder.
    public init(path: String, durable: Bool = false) throws(AssayError) {
        self.path = path
        isDurable = durable
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            throw AtomicFile.failure("is a folder", path)
        }
        temporaryPath = "\(path).assay-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        descriptor = open(temporaryPath, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw AtomicFile.failure("cannot be written", path, errno) }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
        if !isCommitted { unlink(temporaryPath) }
    }

    /// Where the bytes are until `commit`, for a helper process that prepares the file.
    public var workingPath: String { temporaryPath }

    /// Gives the file `size` bytes and the room for them, so that a device without it is found at once, and what is then
    /// written costs less. File systems that cannot reserve are left to fail when they are full.
    ///
    /// - Throws: `AssayError.writeFailed` when there is no room.
    public func reserve(_ size: Int) throws(AssayError) {
        guard size > 0 else { return }
        let status = assay_reserve(descriptor, Int64(size))
        if [ENOSPC, EDQUOT, EFBIG].contains(status) { throw AtomicFile.failure("cannot be written", path, status) }
    }

    /// Writes all of `bytes` at `offset`.
    public func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(AssayError) {
        var done = 0
        while done < bytes.count {
            guard let base = bytes.baseAddress else { return }
            let count = min(bytes.count - done, AtomicFile.pieceSize - (offset + done) % AtomicFile.pieceSize)
            let written = pwrite(descriptor, base + done, count, off_t(offset + done))
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw AtomicFile.failure("cannot be written", path, errno) }
            done += written
        }
    }

    /// Has the device begin with what was written up to `end`, while the next bytes are being made, so that `commit` waits for
    /// the last of them alone. In long runs: each costs as much as many pages.
    public func beginWriteback(upTo end: Int) {
        guard isDurable, end - writtenBack >= AtomicFile.runSize else { return }
        assay_begin_writeback(descriptor, Int64(writtenBack), Int64(end - writtenBack))
        writtenBack = end
    }

    private static let runSize = 1 << 23

    /// Pieces begin at multiples of their size, so that no page of the file is written in two goes; shorter ones and longer
    /// ones of mapped bytes were measured to take longer.
    private static let pieceSize = 1 << 19

    /// Writes all of `region` at `offset`.
    public func write(_ region: ByteRegion, at offset: Int) throws(AssayError) {
        region.prepare()
        try region.withUnsafeBytes { (bytes) throws(AssayError) in try write(bytes, at: offset) }
    }

    /// Moves the file to its place, replacing what was there.
    public func commit() throws(AssayError) {
        guard !isDurable || fsync(descriptor) == 0 else { throw AtomicFile.failure("cannot be written", path, errno) }
        let status = close(descriptor)
        descriptor = -1
        guard status == 0, rename(temporaryPath, path) == 0 else {
            throw AtomicFile.failure("cannot be written", path, errno)
        }
        isCommitted = true
        if isDurable { synchroniseFolder() }
    }

    /// Some file systems refuse to synchronise a folder; the file itself is safe by then.
    private func synchroniseFolder() {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        _ = fsync(descriptor)
        close(descriptor)
    }

    private static func failure(_ message: String, _ path: String, _ number: Int32? = nil) -> AssayError {
        let reason = number.map { ": " + MappedFile.reason($0) } ?? ""
        return AssayError(.writeFailed, message + reason, at: .init(file: path))
    }
}
