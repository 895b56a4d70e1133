// Protocol buffers without their large parts, and what is no protocol buffer.

import AssayTensors
import Testing

@testable import AssayContainers

@Suite struct WireSkeletonTests {
    private let schema = WireSchema(
        root: "outer", messages: ["outer": [2: .message("inner"), 9: .message("outer")], "inner": [5: .bytes]])

    /// A length-delimited field.
    private func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
        precondition(content.count < 128)
        return [number << 3 | 2, UInt8(content.count)] + content
    }

    @Test func largePartsStayInPlace() throws {
        let inner = [0x08, 0x96, 0x01] + field(5, [1, 2, 3]) + field(6, [7]) + field(5, [])
        let bytes = field(1, [4, 5]) + field(2, inner) + [0x1D, 1, 0, 0, 0]
        let skeleton = try WireSkeleton(ByteRegion(bytes), schema: schema)
        #expect(skeleton.regions.map(\.array) == [[1, 2, 3], []])
        let left = [0x08, 0x96, 0x01] + field(5, [0, 0, 0, 0]) + field(6, [7]) + field(5, [1, 0, 0, 0])
        #expect(skeleton.bytes == field(1, [4, 5]) + field(2, left) + [0x1D, 1, 0, 0, 0])
        #expect(try skeleton.region([0, 0, 0, 0]).array == [1, 2, 3])
        #expect(throws: AssayError.self) { try skeleton.region([2, 0, 0, 0]) }
        #expect(throws: AssayError.self) { try skeleton.region([0, 0, 0]) }
    }

    @Test(
        arguments: [
            [0x0A], [0x0A, 0x05, 1], [0x08], [0x08, 0xFF, 0xFF], [0x0F, 1], [0x0B], [0x00, 1], [0x0D, 1, 2, 3],
            [0x09, 1, 2, 3, 4, 5, 6, 7], [0x08] + [UInt8](repeating: 0x80, count: 19) + [1],
            [0x0A] + [UInt8](repeating: 0xFF, count: 9) + [0x7F],
        ] as [[UInt8]])
    func damageIsRefused(_ bytes: [UInt8]) {
        #expect(throws: AssayError.self) { try WireSkeleton(ByteRegion(bytes), schema: schema) }
    }

    @Test func aFieldStaysInsideItsMessage() {
        // The inner field claims five bytes, of which one lies in the message around it.
        let bytes: [UInt8] = [0x12, 5, 0x2A, 5, 1, 2, 3, 0x08, 1]
        #expect(throws: AssayError.self) { try WireSkeleton(ByteRegion(bytes), schema: schema) }
    }

    @Test func depthIsBounded() throws {
        var bytes: [UInt8] = []
        for _ in 0..<50 { bytes = field(9, bytes) }
        _ = try WireSkeleton(ByteRegion(bytes), schema: schema)
        // A field of unknown length of three bytes: each level adds them until depth is what is wrong.
        var deep: [UInt8] = []
        for _ in 0..<200 {
            deep = [0x4A, UInt8(deep.count & 0x7F) | 0x80, UInt8(deep.count >> 7)] + deep
        }
        let error = #expect(throws: AssayError.self) { try WireSkeleton(ByteRegion(deep), schema: schema) }
        #expect(error?.message.contains("deep") == true)
    }
}
