// Reading ZTEN files: the header's frame is decoded, tensors are decoded when asked for.

import AssayTensors
import OrderedCollections

/// Reading and writing `.zten` files (`Schemas/zten.md`).
public enum ZTENFile {
    /// The tensors of the file at `path`. Opening decodes the header's frame alone; tensors are decoded on demand, by
    /// the threads of `pool`. The metadata has the model's graph and provenance under the keys of `ZTENFormat`.
    ///
    /// - Throws: `AssayError.unreadable` when the file breaks a rule of the format. Damage in a tensor's frames shows
    ///   when the tensor is decoded.
    public static func open(_ path: String, pool: ThreadPool = ThreadPool()) throws(AssayError) -> NamedTensors {
        do throws(AssayError) {
            return try read(MappedFile(path: path).bytes, pool: pool)
        } catch {
            throw error.located(file: path)
        }
    }

    /// The tensors of a file in memory.
    ///
    /// - Throws: as `open`.
    public static func read(_ bytes: ByteRegion, pool: ThreadPool = ThreadPool()) throws(AssayError) -> NamedTensors {
        let stream = try SeekableStream(bytes)
        let (header, bufferStart) = try header(of: stream)
        let metadata = try ZTENMetadata(header.metadata)
        for name in metadata.planes.keys where header.entries[name] == nil {
            throw .unreadable("there is no such tensor", object: "\(ZTENFormat.planesKey): \(name)")
        }
        var result = NamedTensors(metadata: metadata.others)
        result.tensors.reserveCapacity(header.entries.count)
        for (name, entry) in header.entries {
            let range = (bufferStart + entry.range.lowerBound)..<(bufferStart + entry.range.upperBound)
            do throws(AssayError) {
                try checkFrames(of: range, in: stream.table)
                result.tensors[name] = try tensor(
                    entry, planes: metadata.planes[name], stream: stream, range: range, pool: pool)
            } catch {
                throw error.located(object: name)
            }
        }
        return result
    }

    /// Whether the bytes begin with a zstd frame and end with a seek table.
    public static func recognises(_ bytes: ByteRegion) -> Bool {
        guard bytes.count > 8 else { return false }
        var start = ByteReader(bytes)
        var end = ByteReader(bytes, at: bytes.count - 4)
        return (try? start.read(UInt32.self)) == 0xFD2F_B528 && (try? end.read(UInt32.self)) == SeekTable.magic
    }

    /// The first frame holds the safetensors header, all of it and nothing else.
    private static func header(
        of stream: SeekableStream
    ) throws(AssayError) -> (SafeTensorsHeader, bufferStart: Int) {
        guard !stream.table.frames.isEmpty else { throw .unreadable("no frames", object: "seek table") }
        let frame = try stream.decodedFrame(0)
        let length = try SafeTensorsHeader.length(in: frame, fileSize: frame.count)
        guard 8 + length == frame.count else {
            throw .unreadable(
                "the first frame must hold the header and nothing else", expected: "\(8 + length) bytes",
                found: "\(frame.count)")
        }
        let text = try frame.slice(at: 8, count: length)
        return (try SafeTensorsHeader(text, bufferSize: stream.table.decodedSize - frame.count), frame.count)
    }

    private static func checkFrames(of range: Range<Int>, in table: SeekTable) throws(AssayError) {
        guard !range.isEmpty else { return }
        let first = table.frames[table.frameIndex(at: range.lowerBound)]
        guard first.decodedOffset == range.lowerBound else {
            throw .unreadable("does not begin a frame", offset: first.offset)
        }
    }

    private static func tensor(
        _ entry: SafeTensorsHeader.Entry, planes: ZTENMetadata.Planes?, stream: SeekableStream, range: Range<Int>,
        pool: ThreadPool
    ) throws(AssayError) -> Tensor {
        guard let planes else {
            return try Tensor(
                type: entry.type, shape: entry.shape, decoder: PlainZTENTensor(stream: stream, range: range, pool: pool)
            )
        }
        let elementSize = planes.type.byteCount
        guard entry.type == .u8, entry.shape.extents == [elementSize, planes.shape.count] else {
            throw .unreadable(
                "is not stored as byte planes of \(planes.type.displayName) \(planes.shape)",
                expected: "uint8 \(elementSize) × \(planes.shape.count)",
                found: "\(entry.type.displayName) \(entry.shape)")
        }
        return try Tensor(
            type: planes.type, shape: planes.shape,
            decoder: PlanesZTENTensor(stream: stream, range: range, elementSize: elementSize, pool: pool))
    }

    /// Writes tensors and metadata. The bytes depend on the contents and the version of zstd alone, not on the number
    /// of threads. Nothing stands at the path until all has reached the device.
    ///
    /// - Parameter plain: store no tensor as byte planes, so that the decoded stream is the safetensors file itself.
    /// - Throws: what decoding a tensor throws, and `AssayError.writeFailed`.
    public static func write(
        _ content: NamedTensors, to path: String, plain: Bool = false, pool: ThreadPool = ThreadPool()
    ) throws(AssayError) {
        let file = try AtomicFile(path: path, durable: true)
        var writer = try ZTENWriter(content, plain: plain, file: file, pool: pool)
        try writer.write()
        try file.commit()
    }
}
