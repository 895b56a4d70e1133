// HDF5 files: groups, attributes and datasets, as the helper process `assay-hdf5` finds them.

import AssayTensors
import Glibc
import OrderedCollections

/// An HDF5 file. Its structure was read and checked when it was opened; data stay in the file until a tensor is used.
///
///     let file = try HDF5File.open(path: "model.h5")
///     let version = file.root.attributes["keras_version"]?.string
///     let kernel = try file.root.dataset("model_weights/dense/dense/kernel:0").tensor()
///
/// libhdf5 crashes on some damaged files, so it runs in a process of its own (`HDF5Helper`), and a file that breaks it is
/// one error here. Links to other files, external storage and virtual datasets are never followed.
public struct HDF5File: Sendable {
    /// The root group.
    public let root: HDF5Group

    /// Opens the file at `path`.
    ///
    /// - Throws: `AssayError.unreadable` when it is missing, not HDF5, or damaged, or when the helper is not found.
    public static func open(path: String, pool: ThreadPool = ThreadPool()) throws(AssayError) -> HDF5File {
        try open(MappedFile(path: path), pool: pool)
    }

    /// Opens a mapped file, or the part `range` of it that is an HDF5 file (a member that a zip archive stores as it is).
    ///
    /// - Parameter pool: the threads that decode chunks.
    /// - Throws: `AssayError.unreadable` when it is not HDF5, or damaged, or when the helper is not found.
    public static func open(
        _ file: MappedFile, range: Range<Int>? = nil, pool: ThreadPool = ThreadPool()
    ) throws(AssayError) -> HDF5File {
        do throws(AssayError) {
            let range = range ?? 0..<file.count
            return try open(file.bytes.slice(range), path: file.path, indexing: (file.path, range), pool: pool)
        } catch {
            throw error.located(file: file.path)
        }
    }

    /// Opens an HDF5 file in memory, as a compressed member of an archive is. The helper gets a temporary copy.
    ///
    /// - Parameter path: what errors call the file.
    /// - Throws: `AssayError.unreadable` when it is not HDF5, or damaged, or when the helper is not found, and
    ///   `AssayError.writeFailed` when there is no room for the copy.
    public static func open(
        inMemory bytes: ByteRegion, path: String, pool: ThreadPool = ThreadPool()
    ) throws(AssayError) -> HDF5File {
        do throws(AssayError) {
            let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
            let copy = try AtomicFile(path: folder + "/assay-hdf5")
            try copy.write(bytes, at: 0)
            return try open(bytes, path: path, indexing: (copy.workingPath, 0..<bytes.count), pool: pool)
        } catch {
            throw error.located(file: path)
        }
    }

    private static func open(
        _ bytes: ByteRegion, path: String, indexing source: (path: String, range: Range<Int>), pool: ThreadPool
    ) throws(AssayError) -> HDF5File {
        guard isHDF5(bytes) else { throw .unreadable("is not an HDF5 file", expected: "the signature \\x89HDF") }
        let stream = try HDF5Helper.index(path: source.path, range: source.range)
        let objects = try HDF5IndexParser.parse(stream, of: bytes)
        let index = HDF5Index(path: path, bytes: bytes, objects: objects, pool: pool)
        return HDF5File(root: HDF5Group(index: index, number: 0, path: "/"))
    }

    /// Whether `bytes` begin as an HDF5 file does: the signature at byte 0, or after a user block of 512, 1024, … bytes.
    public static func isHDF5(_ bytes: ByteRegion) -> Bool {
        let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]
        return bytes.withUnsafeBytes { bytes in
            var offset = 0
            while offset + signature.count <= bytes.count {
                if bytes[offset..<(offset + signature.count)].elementsEqual(signature) { return true }
                offset = max(512, 2 * offset)
            }
            return false
        }
    }
}

/// What a name in a group leads to.
public enum HDF5Object: Sendable {
    /// A group.
    case group(HDF5Group)
    /// A dataset.
    case dataset(HDF5Dataset)
    /// Something that holds no data here; the text says what it is.
    case other(String)
}

/// What was read of a file; groups and datasets are views of it.
final class HDF5Index: Sendable {
    let path: String
    let bytes: ByteRegion
    let objects: [HDF5Node]
    let pool: ThreadPool

    init(path: String, bytes: ByteRegion, objects: [HDF5Node], pool: ThreadPool) {
        self.path = path
        self.bytes = bytes
        self.objects = objects
        self.pool = pool
    }
}

/// One object of a file.
enum HDF5Node: Sendable {
    case group(attributes: OrderedDictionary<String, HDF5Attribute>, members: OrderedDictionary<String, HDF5Link>)
    case dataset(HDF5DatasetNode)
    case datatype
}

/// One member of a group.
enum HDF5Link: Sendable {
    /// The number of an object, which the parser has checked.
    case object(Int)
    case refused(String)
}

/// A dataset as it lies in the file.
struct HDF5DatasetNode: Sendable {
    var attributes: OrderedDictionary<String, HDF5Attribute>
    var type: HDF5Datatype
    /// Nil for a null dataspace.
    var extents: [Int]?
    var layout: HDF5Layout
}
