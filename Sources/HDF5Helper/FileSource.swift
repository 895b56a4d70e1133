// The file that is read, or the part of an archive that holds it, as a file driver of libhdf5.

import CHDF5
import Glibc

/// The bytes that libhdf5 may read: those of one descriptor, and nothing else. With this driver the library cannot open
/// a second file, whatever links and virtual datasets ask for.
struct FileSource {
    let descriptor: Int32
    let offset: Int
    let count: Int

    /// Opens the regular file at `path`, or a part of it.
    init(path: String, part: (offset: Int, count: Int)?) throws(HDF5Failure) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw HDF5Failure("cannot be opened: \(String(cString: strerror(errno)))") }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw HDF5Failure("is not a regular file")
        }
        let size = Int(status.st_size)
        (offset, count) = part ?? (0, size)
        guard offset <= size, count <= size - offset else { throw HDF5Failure("the part lies beyond the file's end") }
    }

    /// A file access list that makes libhdf5 read this source.
    func accessList() throws(HDF5Failure) -> hid_t {
        FileDriver.source = self
        var driverClass = FileDriver.driverClass
        let driver = try valid(H5FDregister(&driverClass), "registering the file driver")
        let list = try valid(H5Pcreate(hdf5_file_access_class()), "preparing the library")
        try check(H5Pset_driver(list, driver, nil), "preparing the library")
        return list
    }

    fileprivate func read(at address: haddr_t, count size: Int, into buffer: UnsafeMutableRawPointer) -> herr_t {
        guard let address = Int(exactly: address), address <= count, size <= count - address else { return -1 }
        var done = 0
        while done < size {
            let got = pread(descriptor, buffer + done, size - done, off_t(offset + address + done))
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { return -1 }
            done += got
        }
        return 0
    }
}

/// The driver: C functions, and so with state of the process. It has one thread and opens one file.
enum FileDriver {
    nonisolated(unsafe) fileprivate static var source: FileSource?
    nonisolated(unsafe) private static var isOpen = false
    /// While this is set, a read notes where the bytes lie instead of fetching them.
    nonisolated(unsafe) private static var isLocating = false
    nonisolated(unsafe) private static var located: (address: haddr_t, count: Int)?

    /// Where the bytes lie that libhdf5 reads in `body`, which reads once, nil where it read nothing.
    static func locate(_ body: () -> Void) -> (address: haddr_t, count: Int)? {
        isLocating = true
        located = nil
        body()
        isLocating = false
        return located
    }

    /// What libhdf5 knows of an open file, with the end of its address space.
    private struct OpenFile {
        var common = H5FD_t()
        var end: haddr_t = 0
    }

    static var driverClass: H5FD_class_t {
        var driver = H5FD_class_t()
        driver.name = UnsafePointer(strdup("assay"))
        driver.maxaddr = haddr_t(Int64.max)
        driver.fc_degree = H5F_CLOSE_STRONG
        driver.open = { _, flags, _, _ in
            guard flags == 0, !FileDriver.isOpen else { return nil }
            FileDriver.isOpen = true
            let file = UnsafeMutablePointer<OpenFile>.allocate(capacity: 1)
            file.initialize(to: OpenFile())
            return UnsafeMutableRawPointer(file).assumingMemoryBound(to: H5FD_t.self)
        }
        driver.close = { file in
            UnsafeMutableRawPointer(file)?.assumingMemoryBound(to: OpenFile.self).deallocate()
            return 0
        }
        driver.query = { _, flags in
            // Small metadata reads are served from a larger one.
            flags?.pointee = UInt(H5FD_FEAT_ACCUMULATE_METADATA_READ)
            return 0
        }
        driver.get_eoa = { file, _ in
            UnsafeRawPointer(file)?.assumingMemoryBound(to: OpenFile.self).pointee.end ?? 0
        }
        driver.set_eoa = { file, _, end in
            UnsafeMutableRawPointer(file)?.assumingMemoryBound(to: OpenFile.self).pointee.end = end
            return 0
        }
        driver.get_eof = { _, _ in haddr_t(FileDriver.source?.count ?? 0) }
        driver.write = { _, _, _, _, _, _ in -1 }
        driver.read = { _, type, _, address, count, buffer in
            if FileDriver.isLocating, type == H5FD_MEM_DRAW {
                FileDriver.located = (address, count)
                return 0
            }
            guard let buffer, let source = FileDriver.source else { return -1 }
            return source.read(at: address, count: count, into: buffer)
        }
        return driver
    }
}
