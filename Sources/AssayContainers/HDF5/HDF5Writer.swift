// Writing HDF5 files: the helper makes the structure, the data go straight from their source to their place.

import AssayTensors
import Glibc
import OrderedCollections

/// What an HDF5 file shall hold.
///
///     var writer = HDF5Writer()
///     try writer.setAttribute("backend", of: "/", to: .string("tensorflow"))
///     try writer.addDataset("/model_weights/dense/kernel:0", kernel)
///     try writer.write(to: "model.h5")
///
/// Groups, attributes and contiguous datasets are written as h5py writes them; bfloat16 and float8 become opaque elements
/// (`|V2`, `|V1`), booleans h5py's enumeration of FALSE and TRUE. The same content gives the same bytes.
public struct HDF5Writer: Sendable {
    private struct Object: Sendable {
        /// Nil for a group.
        var tensor: Tensor?
        var attributes: OrderedDictionary<String, HDF5AttributeValue> = [:]
    }

    /// By path, groups before what they hold.
    private var objects: OrderedDictionary<String, Object> = ["/": Object()]

    /// The most bytes of an attribute: what an object header takes, less what h5py and Keras leave for its other parts.
    public static let maximumAttributeSize = 64_512

    /// A file with an empty root group.
    public init() {}

    /// Adds the group at `path`, and those above it, where they are not there yet.
    ///
    /// - Throws: `AssayError.writeFailed` when a dataset is in the way.
    public mutating func addGroup(_ path: String) throws(AssayError) {
        var current = ""
        for name in path.split(separator: "/") {
            current += "/" + name
            guard objects[current]?.tensor == nil else { throw HDF5Writer.failure("a dataset is in the way", current) }
            if objects[current] == nil { objects[current] = Object() }
        }
    }

    /// Adds a dataset at `path`, and the groups above it.
    ///
    /// - Throws: `AssayError.writeFailed` when there is something at that path already.
    public mutating func addDataset(_ path: String, _ tensor: Tensor) throws(AssayError) {
        let names = path.split(separator: "/")
        let path = "/" + names.joined(separator: "/")
        guard objects[path] == nil else { throw HDF5Writer.failure("two objects have one path", path) }
        try addGroup(names.dropLast().joined(separator: "/"))
        objects[path] = Object(tensor: tensor)
    }

    /// Sets an attribute of the dataset or group at `path`; a group that is not there yet is added.
    ///
    /// - Throws: `AssayError.writeFailed` when it has more than `maximumAttributeSize` bytes. Keras splits longer lists
    ///   over several attributes (`layer_names0`, `layer_names1`, …).
    public mutating func setAttribute(
        _ name: String, of path: String, to value: HDF5AttributeValue
    ) throws(AssayError) {
        let path = "/" + path.split(separator: "/").joined(separator: "/")
        guard value.storedSize <= HDF5Writer.maximumAttributeSize else {
            throw AssayError(
                .writeFailed, "the attribute \(name) is too large",
                expected: "at most \(HDF5Writer.maximumAttributeSize) bytes", found: "\(value.storedSize)",
                at: .init(object: path))
        }
        if objects[path] == nil { try addGroup(path) }
        objects[path]?.attributes[name] = value
    }

    /// Sets an attribute that is a list of names, split over several (`layer_names0`, `layer_names1`, …) where it is too
    /// large for one, as Keras does.
    ///
    /// - Throws: as `setAttribute(_:of:to:)`.
    public mutating func setNames(_ names: [String], _ attribute: String, of path: String) throws(AssayError) {
        let longest = names.map(\.utf8.count).max() ?? 1
        let limit = max(1, HDF5Writer.maximumAttributeSize / max(longest, 1))
        guard names.count > limit else { return try setAttribute(attribute, of: path, to: .byteStrings(names)) }
        for (number, start) in stride(from: 0, to: names.count, by: limit).enumerated() {
            let part = Array(names[start..<min(start + limit, names.count)])
            try setAttribute("\(attribute)\(number)", of: path, to: .byteStrings(part))
        }
    }

    /// Writes the file. It is there whole or not at all.
    ///
    /// - Parameter pool: the threads that write, and decode what is not yet dense.
    /// - Throws: `AssayError.writeFailed`, and what decoding a tensor throws.
    public func write(to path: String, pool: ThreadPool = ThreadPool()) throws(AssayError) {
        do throws(AssayError) {
            let file = try AtomicFile(path: path)
            let offsets = try makeStructure(at: file.workingPath)
            try TensorPlacement.write(offsets, to: file, pool: pool)
            try file.commit()
        } catch {
            throw error.located(file: path)
        }
    }

    private func makeStructure(at path: String) throws(AssayError) -> [TensorPlacement] {
        do throws(AssayError) {
            var answer = ByteReader(try HDF5Helper.create(path: path, plan: try plan()))
            return try placements(&answer)
        } catch {
            var failure = error
            failure.code = .writeFailed
            throw failure
        }
    }

    private func plan() throws(AssayError) -> [UInt8] {
        var plan = HDF5Plan()
        for (path, object) in objects {
            if let tensor = object.tensor {
                plan.addDataset(path, tensor)
            } else if path != "/" {
                plan.addGroup(path)
            }
            for (name, value) in object.attributes { try plan.addAttribute(name, of: path, value) }
        }
        return plan.finished()
    }

    /// Where the helper says that the datasets belong.
    private func placements(_ answer: inout ByteReader) throws(AssayError) -> [TensorPlacement] {
        let first = try answer.read(UInt8.self)
        guard first != UInt8(ascii: "X") else { throw try HDF5Writer.refusal(&answer) }
        guard first == UInt8(ascii: "A"), try answer.readText(count: 3) == "HO1" else {
            throw .unreadable("assay-hdf5 is of another version")
        }
        var placements: [TensorPlacement] = []
        for tensor in objects.values.compactMap(\.tensor) {
            let offset = try answer.read(UInt64.self)
            guard tensor.byteCount > 0 else { continue }
            guard let offset = Int(exactly: offset) else { throw .unreadable("assay-hdf5 allocated nothing") }
            placements.append(TensorPlacement(tensor, at: offset))
        }
        guard try answer.read(UInt8.self) == UInt8(ascii: "E") else { throw .unreadable("assay-hdf5 ended early") }
        return placements
    }

    private static func refusal(_ answer: inout ByteReader) throws(AssayError) -> AssayError {
        .unreadable("cannot be written: \(try answer.readText(count: Int(answer.read(UInt32.self))))")
    }

    private static func failure(_ message: String, _ path: String) -> AssayError {
        AssayError(.writeFailed, message, at: .init(object: path))
    }
}
