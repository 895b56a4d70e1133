// ZTEN: round trips of every type, bytes that do not depend on threads, and refusal of damage.

import AssayContainers
import AssayTensors
import AssayTestSupport
import OrderedCollections
import Testing

/// Tensors of every type and of awkward sizes: empty, scalar, below and above the limit for byte planes, and over
/// several frames.
func assortedTensors(large: Bool = true) -> NamedTensors {
    var content = NamedTensors(metadata: ["format": "pt", "zten.graph": "{\"nodes\":[]}"])
    for (index, type) in ElementType.allCases.enumerated() {
        let seed = UInt64(10 * index)
        content.tensors["\(type)/small"] = .random(type, [3, 5], seed: seed)
        content.tensors["\(type)/planes"] = .random(type, [37, 123], seed: seed + 1)
        if large { content.tensors["\(type)/frames"] = .random(type, [3, 420_001], seed: seed + 2) }
    }
    content.tensors["scalar"] = .random(.f64, [], seed: 200)
    content.tensors["empty"] = .random(.f32, [0, 7], seed: 201)
    content.tensors["weights"] = .weights([64, 300], seed: 202)
    return content
}

@Suite("ZTEN")
struct ZTENTests {
    let folder = TemporaryFolder()

    @Test("gives back every bit, by planes and plain", arguments: [false, true])
    func roundTrip(plain: Bool) throws {
        let content = assortedTensors()
        let path = folder.file("a.zten")
        try ZTENFile.write(content, to: path, plain: plain)
        let read = try ZTENFile.open(path)
        #expect(read.metadata == content.metadata)
        #expect(Set(read.tensors.keys) == Set(content.tensors.keys))
        for (name, tensor) in content.tensors { #expect(try isSame(read.tensors[name], tensor), "\(name)") }
        #expect(folder.names == ["a.zten"])
    }

    @Test("the bytes are the same for any number of threads", arguments: [2, 3, 7])
    func deterministic(threads: Int) throws {
        let content = assortedTensors()
        try ZTENFile.write(content, to: folder.file("one"), pool: .single)
        try ZTENFile.write(content, to: folder.file("many"), pool: ThreadPool(threads: threads))
        let one = try MappedFile(path: folder.file("one")).bytes.array
        #expect(try MappedFile(path: folder.file("many")).bytes.array == one)
    }

    @Test(
        "any part of a tensor can be decoded alone",
        arguments: ["f32/frames", "f64/planes", "bf16/frames", "i8/frames"])
    func parts(name: String) throws {
        let content = assortedTensors()
        let path = folder.file("a.zten")
        try ZTENFile.write(content, to: path)
        let tensor = try #require(try ZTENFile.open(path).tensors[name])
        let truth = try #require(content.tensors[name]).bytes().array
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<40 {
            let start = Int.random(in: 0..<truth.count, using: &generator)
            let range = start..<min(truth.count, start + Int.random(in: 0...3_000_000, using: &generator))
            #expect(try tensor.part(range).array == Array(truth[range]))
        }
        var joined: [UInt8] = []
        try tensor.forEachPart { joined += $1.array }
        #expect(joined == truth)
    }

    @Test(
        "a decoded plain file is a safetensors file, and the one that the safetensors writer makes but for the version")
    func plainIsSafeTensors() throws {
        var content = assortedTensors(large: false)
        try ZTENFile.write(content, to: folder.file("a.zten"), plain: true)
        content.metadata.updateValue("1", forKey: "zten.version", insertingAt: 0)
        try SafeTensorsFile.write(content, to: folder.file("a.safetensors"))
        let stream = try decodedStream(of: MappedFile(path: folder.file("a.zten")).bytes)
        #expect(try MappedFile(path: folder.file("a.safetensors")).bytes.array == stream)
        #expect(try SafeTensorsFile.read(ByteRegion(stream)).tensors.count == content.tensors.count)
    }

    @Test("a flipped bit anywhere, or a cut, is an error when all is read")
    func damage() throws {
        let path = folder.file("a.zten")
        try ZTENFile.write(
            NamedTensors(["w": .weights([64, 64], seed: 1), "b": .random(.i32, [5], seed: 2)]), to: path)
        let sound = try MappedFile(path: path).bytes.array
        func readAll(_ bytes: [UInt8]) throws {
            for tensor in try ZTENFile.read(ByteRegion(bytes)).tensors.values { _ = try tensor.loaded() }
        }
        try readAll(sound)
        for index in stride(from: 0, to: sound.count, by: 7) {
            var bytes = sound
            bytes[index] ^= 1 << (index % 8)
            // Two bits of the seek table's descriptor are free by the format.
            if index == sound.count - 5, bytes[index] & 0xFC == sound[index] & 0xFC { continue }
            #expect(throws: AssayError.self, "byte \(index) of \(sound.count)") { try readAll(bytes) }
        }
        for count in stride(from: 0, to: sound.count, by: 11) {
            #expect(throws: AssayError.self) { try readAll(Array(sound[..<count])) }
        }
    }

    @Test("nothing is left behind when a tensor cannot be decoded")
    func failingSource() throws {
        struct Failing: TensorDecoder {
            let byteCount = 40
            let preferredPartSize = 40
            func decode(_ range: Range<Int>, into: UnsafeMutableRawBufferPointer) throws(AssayError) {
                throw .unreadable("damaged")
            }
        }
        let tensor = try Tensor(type: .f32, shape: [10], decoder: Failing())
        #expect(throws: AssayError.self) { try ZTENFile.write(NamedTensors(["w": tensor]), to: folder.file("a.zten")) }
        #expect(throws: AssayError.self) {
            try SafeTensorsFile.write(NamedTensors(["w": tensor]), to: folder.file("a.safetensors"))
        }
        #expect(throws: AssayError.self) { try NPZFile.write(["w": tensor], to: folder.file("a.npz")) }
        #expect(folder.names == [])
    }
}
