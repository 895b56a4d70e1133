// zstd contexts with the memory they work in, each used by one thread at a time.

import AssayTensors
import CZstd

/// Compresses single frames, always the same way.
final class ZstdCompressor: @unchecked Sendable {
    // Unchecked: it belongs to one thread at a time.
    private let context: OpaquePointer
    /// For the form in which a frame's content is compressed.
    let scratch = ScratchMemory()

    /// How a frame is compressed.
    enum Mode: Sendable {
        /// Texts and plain tensors: level 3 as it stands.
        case general
        /// Byte planes: nearly pure Huffman coding, since matches hardly ever pay (`Schemas/zten.md`, "Writing").
        case planes

        fileprivate var parameters: [(ZSTD_cParameter, Int32)] {
            let common: [(ZSTD_cParameter, Int32)] = [(ZSTD_c_checksumFlag, 1), (ZSTD_c_contentSizeFlag, 1)]
            switch self {
            case .general: return common + [(ZSTD_c_compressionLevel, 3)]
            case .planes:
                return common + [
                    (ZSTD_c_compressionLevel, 1), (ZSTD_c_strategy, Int32(ZSTD_fast.rawValue)), (ZSTD_c_minMatch, 7),
                    (ZSTD_c_hashLog, 6), (ZSTD_c_targetLength, 16),
                    // Literals are compressed (ZSTD_c_literalCompressionMode), which a targetLength would turn off.
                    (ZSTD_c_experimentalParam5, 1),
                ]
            }
        }
    }

    init() throws(AssayError) {
        guard let context = ZSTD_createCCtx() else { throw AssayError(.writeFailed, "out of memory for zstd") }
        self.context = context
    }

    deinit { ZSTD_freeCCtx(context) }

    /// `content` as one frame, with content size and checksum, in the memory of `target`.
    func frame(
        of content: UnsafeRawBufferPointer, mode: Mode, in target: ScratchMemory
    ) throws(AssayError) -> UnsafeRawBufferPointer {
        ZSTD_CCtx_reset(context, ZSTD_reset_session_and_parameters)
        for (parameter, value) in mode.parameters { try check(ZSTD_CCtx_setParameter(context, parameter, value)) }
        // What does not compress is copied.
        let room = target.buffer(
            ZSTD_compressBound(content.count), apartFrom: Int(bitPattern: content.baseAddress))
        let size = ZSTD_compress2(context, room.baseAddress, room.count, content.baseAddress, content.count)
        try check(size)
        return UnsafeRawBufferPointer(rebasing: room[..<size])
    }

    private func check(_ status: Int) throws(AssayError) {
        guard ZSTD_isError(status) == 0 else {
            throw AssayError(.writeFailed, "zstd: \(String(cString: ZSTD_getErrorName(status)))")
        }
    }
}

/// Decompresses single frames.
final class ZstdDecompressor: @unchecked Sendable {
    // Unchecked: it belongs to one thread at a time.
    private let context: OpaquePointer

    init() throws(AssayError) {
        guard let context = ZSTD_createDCtx() else { throw .unreadable("out of memory for zstd") }
        self.context = context
    }

    deinit { ZSTD_freeDCtx(context) }

    /// Decodes a frame into `target`, which has its decoded size; gives what is wrong with it, or nil.
    func decode(_ frame: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> String? {
        let status = ZSTD_decompressDCtx(
            context, target.baseAddress, target.count, frame.baseAddress, frame.count)
        if ZSTD_isError(status) != 0 { return String(cString: ZSTD_getErrorName(status)) }
        return status == target.count ? nil : "too short"
    }
}
