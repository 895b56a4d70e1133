// Reading safetensors files: the header is parsed, the tensors stay where they lie.

import AssayTensors
import OrderedCollections

/// Reading and writing `.safetensors` files.
public enum SafeTensorsFile {
    /// The tensors of the file at `path`, mapped in place, in the order of the header; of a whole set of shards where
    /// `path` is an index (`….safetensors.index.json`).
    ///
    /// - Throws: `AssayError.unreadable` when the file breaks a rule of the format.
    public static func open(_ path: String) throws(AssayError) -> NamedTensors {
        if path.hasSuffix(".index.json") {
            return try ShardIndex(path: path, suffix: ".safetensors").read { (shard, _) throws(AssayError) in
                try open(shard)
            }
        }
        do throws(AssayError) {
            return try read(MappedFile(path: path).bytes)
        } catch {
            throw error.located(file: path)
        }
    }

    /// The tensors of a file in memory.
    ///
    /// - Throws: as `open`.
    public static func read(_ bytes: ByteRegion) throws(AssayError) -> NamedTensors {
        let length = try SafeTensorsHeader.length(in: bytes, fileSize: bytes.count)
        let buffer = try bytes.slice((8 + length)..<bytes.count)
        let header = try SafeTensorsHeader(bytes.slice(at: 8, count: length), bufferSize: buffer.count)
        var result = NamedTensors(metadata: header.metadata)
        result.tensors.reserveCapacity(header.entries.count)
        for (name, entry) in header.entries {
            result.tensors[name] = try Tensor(
                type: entry.type, shape: entry.shape, region: buffer.slice(entry.range))
        }
        return result
    }

    /// Whether the bytes begin as a safetensors file does: a header length that the file has room for, then `{`.
    public static func recognises(_ bytes: ByteRegion) -> Bool {
        guard let length = try? SafeTensorsHeader.length(in: bytes, fileSize: bytes.count), length >= 2 else {
            return false
        }
        return bytes.withSpan { $0.unsafeLoad(fromByteOffset: 8, as: UInt8.self) == UInt8(ascii: "{") }
    }

    /// Writes tensors and metadata as the official writer does: sorted by type, then name; the header compact and padded
    /// to a multiple of 8 bytes. Nothing stands at the path until all is written.
    ///
    /// - Throws: what decoding a tensor throws, and `AssayError.writeFailed`.
    public static func write(
        _ content: NamedTensors, to path: String, pool: ThreadPool = ThreadPool()
    ) throws(AssayError) {
        let layout = try SafeTensorsLayout(
            content.tensors.map { .init(name: $0.key, type: $0.value.type, shape: $0.value.shape) },
            metadata: content.metadata)
        let header = layout.encodedHeader
        let file = try AtomicFile(path: path)
        try file.write(ByteRegion(header), at: 0)
        let placements = layout.items.compactMap { item in
            content.tensors[item.name].map { TensorPlacement($0, at: header.count + item.offset) }
        }
        try TensorPlacement.write(placements, to: file, pool: pool)
        try file.commit()
    }
}
