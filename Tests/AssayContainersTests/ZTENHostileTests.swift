// ZTEN files that break one rule of Schemas/zten.md each.

import AssayContainers
import AssayTensors
import AssayTestSupport
import Testing

@Suite("ZTEN files that break a rule")
struct ZTENHostileTests {
    private static let two =
        #""a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"b":{"dtype":"U8","shape":[2,4],"data_offsets":[3,11]}"#

    private func file(
        metadata: String = #""zten.version":"1""#, tensors: String = two, frames: [[UInt8]]? = nil,
        spoil: (inout SeekableBuilder) -> Void = { _ in }
    ) -> [UInt8] {
        var builder = SeekableBuilder()
        builder.add(SeekableBuilder.header("{\"__metadata__\":{\(metadata)},\(tensors)}"))
        for frame in frames ?? [[1, 2, 3], [1, 2, 3, 4, 5, 6, 7, 8]] { builder.add(frame) }
        spoil(&builder)
        return builder.bytes
    }

    private func read(_ bytes: [UInt8]) throws -> NamedTensors {
        let content = try ZTENFile.read(ByteRegion(bytes))
        for tensor in content.tensors.values { _ = try tensor.loaded() }
        return content
    }

    @Test("the file that the others are made from is sound, and so are its planes")
    func sound() throws {
        #expect(try read(file()).tensors["b"]?.bytes().array == [1, 2, 3, 4, 5, 6, 7, 8])
        let planes = #""zten.version":"1","zten.planes":"{\"b\":{\"dtype\":\"I16\",\"shape\":[4]}}""#
        let tensor = try read(file(metadata: planes)).tensors["b"]
        #expect(try tensor?.integers() == [0x501, 0x602, 0x703, 0x804])
        // Frames may be cut anywhere within a tensor, and two bits of the descriptor mean nothing.
        let cut = file(frames: [[1, 2], [3], [1], [2, 3, 4, 5, 6, 7], [8]]) { $0.descriptor = 0x83 }
        #expect(try read(cut).tensors["b"]?.bytes().array == [1, 2, 3, 4, 5, 6, 7, 8])
    }

    @Test(
        "metadata",
        arguments: [
            #""format":"pt""#, #""zten.version":"2""#, #""zten.version":"1","zten.planes":"[]""#,
            #""zten.version":"1","zten.planes":"{\"c\":{\"dtype\":\"I16\",\"shape\":[4]}}""#,
            #""zten.version":"1","zten.planes":"{\"b\":{\"dtype\":\"I16\",\"shape\":[5]}}""#,
            #""zten.version":"1","zten.planes":"{\"b\":{\"dtype\":\"F32\",\"shape\":[2]}}""#,
            #""zten.version":"1","zten.planes":"{\"b\":{\"dtype\":\"I16\",\"shape\":[4.0]}}""#,
            #""zten.version":"1","zten.planes":"{\"b\":{\"dtype\":\"I16\",\"shape\":[-4]}}""#,
            #""zten.version":"1","zten.planes":"{\"b\":{\"dtype\":\"X16\",\"shape\":[4]}}""#,
            #""zten.version":"1","zten.planes":"{\"b\":{\"shape\":[4]}}""#,
            #""zten.version":"1","zten.planes":"nonsense""#,
            #""zten.version":"1","zten.planes":"{\"a\":{\"dtype\":\"U8\",\"shape\":[3]}}""#,
        ])
    func metadata(_ metadata: String) {
        #expect(throws: AssayError.self) { try read(file(metadata: metadata)) }
    }

    @Test("frames that are not cut at tensors, or hold the header with something else")
    func frames() {
        let bytes: [UInt8] = [1, 2, 3, 1, 2, 3, 4, 5, 6, 7, 8]
        #expect(throws: AssayError.self) { try read(file(frames: [bytes])) }
        #expect(throws: AssayError.self) { try read(file(frames: [Array(bytes[..<3])])) }
        #expect(throws: AssayError.self) { try read(file(frames: [Array(bytes[..<3]), Array(bytes[3...]), [9]])) }
        var builder = SeekableBuilder()
        builder.add(SeekableBuilder.header("{\"__metadata__\":{\"zten.version\":\"1\"},\(Self.two)}") + [1, 2, 3])
        builder.add(Array(bytes[3...]))
        #expect(throws: AssayError.self) { try read(builder.bytes) }
    }

    @Test("seek tables that lie")
    func tables() {
        let spoils: [(inout SeekableBuilder) -> Void] = [
            { $0.declaredCount = 2 }, { $0.declaredCount = 4 }, { $0.declaredCount = .max }, { $0.declaredCount = 0 },
            { $0.descriptor = 0 }, { $0.descriptor = 0x84 }, { $0.descriptor = 0xC0 }, { $0.entries[1][0] += 1 },
            { $0.entries[1][1] += 1 }, { $0.entries[2][1] -= 1 }, { $0.entries[2][2] ^= 1 }, { $0.entries[0][1] = 0 },
            { $0.entries[0][1] = .max }, { $0.entries[2][1] = .max }, { $0.entries[2][0] = 0 },
            { $0.entries.swapAt(1, 2) }, { $0.frames.swapAt(1, 2) }, { $0.frames.removeLast() },
            { $0.entries.removeLast() }, { $0.frames.append([0]) }, { $0.frames[0].insert(0, at: 0) },
            {
                $0.entries = []
                $0.frames = []
            },
        ]
        for (index, spoil) in spoils.enumerated() {
            #expect(throws: AssayError.self, "row \(index)") { try read(file(spoil: spoil)) }
        }
    }

    @Test("a frame without a checksum, a skippable frame, a frame that is too large")
    func frameKinds() {
        #expect(throws: AssayError.self) {
            try read(file(frames: [[1, 2, 3]]) { $0.add([1, 2, 3, 4, 5, 6, 7, 8], checksum: false) })
        }
        #expect(throws: AssayError.self) {
            try read(
                file {
                    let skippable: [UInt8] = [0x50, 0x2A, 0x4D, 0x18, 8, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]
                    $0.frames.append(skippable)
                    $0.entries.append([UInt32(skippable.count), 0, 0])
                })
        }
        let size = 1 << 24 + 1
        let tensors = "\"z\":{\"dtype\":\"U8\",\"shape\":[\(size)],\"data_offsets\":[0,\(size)]}"
        #expect(throws: AssayError.self) {
            try read(file(tensors: tensors, frames: [[UInt8](repeating: 0, count: size)]))
        }
    }
}
