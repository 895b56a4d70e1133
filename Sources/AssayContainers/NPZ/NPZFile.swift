// Reading NPZ archives: NPY arrays in a zip archive.

import AssayTensors
import OrderedCollections

/// Reading `.npz` files.
public enum NPZFile {
    /// The arrays of the file at `path`, by name without `.npy`, in the order of the archive. Stored arrays stay in the
    /// mapped file; deflated ones are inflated when asked for.
    ///
    /// - Parameter isWanted: which arrays are looked at; the others may be anything.
    /// - Throws: `AssayError.unreadable` when the file is damaged, or an array is refused: pickled objects, records,
    ///   text, complex numbers.
    public static func open(
        _ path: String, where isWanted: (String) -> Bool = { _ in true }
    ) throws(AssayError) -> NamedTensors {
        do throws(AssayError) {
            return try read(MappedFile(path: path).bytes, where: isWanted)
        } catch {
            throw error.located(file: path)
        }
    }

    /// The arrays of an archive in memory.
    ///
    /// - Throws: as `open`.
    public static func read(
        _ bytes: ByteRegion, where isWanted: (String) -> Bool = { _ in true }
    ) throws(AssayError) -> NamedTensors {
        let archive = try ZipArchive(bytes: bytes)
        var result = NamedTensors()
        for member in archive.members.values where !member.isFolder {
            let name = member.name.hasSuffix(".npy") ? String(member.name.dropLast(4)) : member.name
            guard isWanted(name) else { continue }
            do throws(AssayError) {
                guard try result.tensors.updateValue(tensor(of: member, in: archive), forKey: name) == nil else {
                    throw AssayError.unreadable("two arrays have this name")
                }
            } catch {
                throw error.located(object: name)
            }
        }
        return result
    }

    /// Writes all tensors, in order; NPZ has no place for metadata.
    ///
    /// - Throws: what decoding a tensor throws, and `AssayError.writeFailed`.
    public static func write(
        _ tensors: OrderedDictionary<String, Tensor>, to path: String, pool: ThreadPool = ThreadPool()
    ) throws(AssayError) {
        let writer = try NPZWriter(path: path, pool: pool)
        for (name, tensor) in tensors { try writer.add(name, tensor) }
        try writer.finish()
    }

    private static func tensor(of member: ZipMember, in archive: ZipArchive) throws(AssayError) -> Tensor {
        if member.method == .stored {
            try archive.verify(member, pool: ThreadPool())
            let bytes = try archive.storedBytes(of: member)
            let (header, size) = try NPYHeader.read(bytes, typeName: member.comment)
            let values = try bytes.slice(size..<bytes.count)
            return try NPYArray.tensor(header, values: .region(values), count: values.count)
        }
        let inflater = try archive.inflater(for: member)
        let start = try ByteRegion(count: min(member.size, NPYHeader.maximumSize)) { (buffer) throws(AssayError) in
            try inflater.decode(0..<buffer.count, into: buffer)
        }
        let (header, size) = try NPYHeader.read(start, typeName: member.comment)
        let values = DecoderTail(base: inflater, start: size)
        return try NPYArray.tensor(header, values: .decoder(values), count: values.byteCount)
    }
}
