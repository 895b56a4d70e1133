// The decoded stream of a zstd file by libzstd's streaming decoder alone, which knows nothing of seek tables.

import AssayTensors
import CZstd
import Testing

/// All that the frames of `file` decode to.
func decodedStream(of file: ByteRegion) throws -> [UInt8] {
    let context = try #require(ZSTD_createDStream())
    defer { ZSTD_freeDStream(context) }
    var result: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 1 << 16)
    var position = 0
    while position < file.count {
        let produced = part.withUnsafeMutableBytes { target in
            file.withUnsafeBytes { source in
                var input = ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: position)
                var output = ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
                let status = ZSTD_decompressStream(context, &output, &input)
                #expect(ZSTD_isError(status) == 0)
                position = ZSTD_isError(status) == 0 ? input.pos : file.count
                return output.pos
            }
        }
        result += part[..<produced]
    }
    return result
}
