// Equality of tensors bit by bit, whatever their storage and its parts.

import AssayTensors
import AssayTestSupport
import Testing

/// Gives the bytes of a region, in parts that it prefers, and refuses ranges that are cut elsewhere.
private struct FrameDecoder: TensorDecoder {
    let region: ByteRegion
    let preferredPartSize: Int
    var byteCount: Int { region.count }

    func decode(_ range: Range<Int>, into destination: UnsafeMutableRawBufferPointer) throws(AssayError) {
        guard range.lowerBound % preferredPartSize == 0 else { throw .unreadable("a frame would be decoded twice") }
        let part = try region.slice(range)
        part.withUnsafeBytes { destination.copyMemory(from: $0) }
    }
}

@Suite("Equality of tensors")
struct TensorEqualityTests {
    private let shape = Shape([3, 100_003])

    private func framed(_ tensor: Tensor, by size: Int) throws -> Tensor {
        let decoder = FrameDecoder(region: try tensor.bytes(), preferredPartSize: size)
        return try Tensor(type: tensor.type, shape: tensor.shape, decoder: decoder)
    }

    @Test("cuts both where the storage that is dearer to cut wants it", arguments: [4, 60, 4096, 1_000_000, 8_000_000])
    func cuts(_ size: Int) throws {
        let tensor = Tensor.random(.f32, shape, seed: 1)
        let other = try framed(tensor, by: size)
        #expect(try tensor.isBitEqual(to: other, isLastUse: true))
        #expect(try other.isBitEqual(to: tensor, isLastUse: true))
        #expect(try framed(tensor, by: 4).isBitEqual(to: other))
        #expect(try other.isBitEqual(to: framed(tensor, by: 4)))
    }

    @Test("sees one bit, at either end", arguments: [0, 1_200_035])
    func oneBit(_ place: Int) throws {
        let tensor = Tensor.random(.f32, shape, seed: 1)
        var bytes = try tensor.bytes().array
        bytes[place] ^= 1
        let changed = try Tensor(type: .f32, shape: shape, region: ByteRegion(bytes))
        #expect(try !tensor.isBitEqual(to: changed))
        #expect(try !changed.isBitEqual(to: framed(tensor, by: 4096)))
    }

    @Test("types and shapes count")
    func typesAndShapes() throws {
        let tensor = Tensor.random(.f32, Shape([2, 6]), seed: 1)
        #expect(try !tensor.isBitEqual(to: tensor.reshaped(to: Shape([3, 4]))))
        #expect(try !tensor.isBitEqual(to: Tensor(type: .i32, shape: Shape([2, 6]), region: tensor.bytes())))
    }

    @Test("a mapped file's bytes stay readable after their last use")
    func staysReadable() throws {
        let folder = TemporaryFolder()
        let tensor = Tensor.random(.f32, shape, seed: 2)
        let path = try folder.write(tensor.bytes().array, to: "bytes")
        let mapped = try Tensor(type: .f32, shape: shape, region: MappedFile(path: path).bytes)
        #expect(try mapped.isBitEqual(to: tensor, isLastUse: true))
        #expect(try mapped.isBitEqual(to: tensor))
    }
}
