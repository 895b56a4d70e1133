// The decoded stream of a file in the seekable format, any part of it, by several threads at once.

import AssayTensors
import CZstd
import Glibc

/// A decoded stream. Every frame is checked against the seek table before its content is used.
struct SeekableStream: Sendable {
    let table: SeekTable
    private let file: ByteRegion
    private let decompressors = WorkspacePool<ZstdDecompressor>()
    /// For the planes of a part of a tensor.
    let scratch = WorkspacePool<ScratchMemory>()

    /// Reads the seek table of `file`.
    init(_ file: ByteRegion) throws(AssayError) {
        self.file = file
        table = try SeekTable(in: file)
    }

    /// A frame that was decoded for a part of it, so that the next part need not decode it again.
    struct FrameCache {
        fileprivate var index = -1
        fileprivate var bytes: ByteRegion?
    }

    /// Decodes the bytes `range` of the stream, whole frames straight to their place.
    func read(
        _ range: Range<Int>, into destination: UnsafeMutableRawBufferPointer, cache: inout FrameCache
    ) throws(AssayError) {
        guard !range.isEmpty else { return }
        for index in table.frameIndex(at: range.lowerBound)...table.frameIndex(at: range.upperBound - 1) {
            let frame = table.frames[index].decodedRange
            let part = frame.clamped(to: range)
            let target = UnsafeMutableRawBufferPointer(
                rebasing: destination[(part.lowerBound - range.lowerBound)..<(part.upperBound - range.lowerBound)])
            if part == frame {
                try decodeFrame(index, into: target)
                continue
            }
            if cache.index != index {
                cache.bytes = try decodedFrame(index)
                cache.index = index
            }
            try cache.bytes?.slice(at: part.lowerBound - frame.lowerBound, count: part.count).withUnsafeBytes {
                target.copyMemory(from: $0)
            }
        }
    }

    /// The content of one frame, in new memory.
    func decodedFrame(_ index: Int) throws(AssayError) -> ByteRegion {
        try ByteRegion(count: Int(table.frames[index].decodedSize)) { (buffer) throws(AssayError) in
            try decodeFrame(index, into: buffer)
        }
    }

    private func decodeFrame(_ index: Int, into target: UnsafeMutableRawBufferPointer) throws(AssayError) {
        let frame = table.frames[index]
        func damaged(_ why: String) -> AssayError {
            .unreadable("damaged frame: \(why)", object: "frame \(index)", offset: frame.offset)
        }
        let region = try file.slice(at: frame.offset, count: Int(frame.size))
        try region.withUnsafeBytes { (source) throws(AssayError) in
            guard ZSTD_getFrameContentSize(source.baseAddress, source.count) == UInt64(frame.decodedSize),
                ZSTD_findFrameCompressedSize(source.baseAddress, source.count) == source.count
            else { throw damaged("its sizes are not those of the seek table") }
            // The frame header's descriptor: bit 2 says that a checksum follows, bits 0 and 1 a dictionary.
            guard source[4] & 0b111 == 0b100 else { throw damaged("it has no checksum, or needs a dictionary") }
            let checksum = source.loadUnaligned(fromByteOffset: source.count - 4, as: UInt32.self)
            guard UInt32(littleEndian: checksum) == frame.checksum else {
                throw damaged("its checksum is not that of the seek table")
            }
            let fault = try decompressors.withWorkspace(orMake: ZstdDecompressor.init) {
                $0.decode(source, into: target)
            }
            if let fault { throw damaged(fault) }
        }
        region.release()
    }
}
