// zstd contexts, made once and used by one thread at a time.

import AssayTensors
import CZstd
import Synchronization

/// Contexts of one kind that are idle; a thread takes one, or makes a new one, and gives it back.
final class ZstdContexts: Sendable {
    /// What a context does.
    enum Kind: Sendable { case compression, decompression }

    private struct Idle: @unchecked Sendable {
        // Unchecked: a context is in the list, or in the hands of one thread.
        var contexts: [OpaquePointer] = []
    }

    private let kind: Kind
    private let idle = Mutex(Idle())

    init(_ kind: Kind) { self.kind = kind }

    deinit {
        for context in idle.withLock({ $0.contexts }) {
            switch kind {
            case .compression: ZSTD_freeCCtx(context)
            case .decompression: ZSTD_freeDCtx(context)
            }
        }
    }

    /// Calls `body` with a context that nobody else uses meanwhile.
    func withContext<Result>(
        _ body: (OpaquePointer) throws(AssayError) -> Result
    ) throws(AssayError) -> Result {
        let context =
            idle.withLock { Idle(contexts: $0.contexts.popLast().map { [$0] } ?? []) }.contexts.first ?? make()
        guard let context else { throw .unreadable("out of memory for zstd") }
        let handle = Idle(contexts: [context])
        defer { idle.withLock { $0.contexts += handle.contexts } }
        return try body(context)
    }

    private func make() -> OpaquePointer? {
        switch kind {
        case .compression: ZSTD_createCCtx()
        case .decompression: ZSTD_createDCtx()
        }
    }
}

/// Compressing single frames, always the same way.
enum ZstdCompression {
    /// How a frame is compressed.
    enum Mode: Sendable {
        /// Texts and plain tensors: level 3 as it stands.
        case general
        /// Byte planes: nearly pure Huffman coding, since matches hardly ever pay (`Schemas/zten.md`, "Writing").
        case planes

        var parameters: [(ZSTD_cParameter, Int32)] {
            let common: [(ZSTD_cParameter, Int32)] = [(ZSTD_c_checksumFlag, 1), (ZSTD_c_contentSizeFlag, 1)]
            switch self {
            case .general: return common + [(ZSTD_c_compressionLevel, 3)]
            case .planes:
                return common + [
                    (ZSTD_c_compressionLevel, 1), (ZSTD_c_strategy, Int32(ZSTD_fast.rawValue)), (ZSTD_c_minMatch, 7),
                    (ZSTD_c_hashLog, 6),
                ]
            }
        }
    }

    /// `content` as one frame, with content size and checksum.
    static func frame(
        of content: UnsafeRawBufferPointer, mode: Mode, contexts: ZstdContexts
    ) throws(AssayError) -> ByteRegion {
        try contexts.withContext { (context) throws(AssayError) in
            ZSTD_CCtx_reset(context, ZSTD_reset_session_and_parameters)
            for (parameter, value) in mode.parameters {
                try check(ZSTD_CCtx_setParameter(context, parameter, value))
            }
            var status = 0
            let room = ByteRegion(count: ZSTD_compressBound(content.count)) { target in
                status = ZSTD_compress2(context, target.baseAddress, target.count, content.baseAddress, content.count)
            }
            try check(status)
            return try room.slice(0..<status)
        }
    }

    private static func check(_ status: Int) throws(AssayError) {
        guard ZSTD_isError(status) == 0 else {
            throw AssayError(.writeFailed, "zstd: \(String(cString: ZSTD_getErrorName(status)))")
        }
    }
}
