// safetensors: the official layout, and shards.

import AssayContainers
import AssayTensors
import AssayTestSupport
import Glibc
import Testing

@Suite("safetensors")
struct SafeTensorsTests {
    let folder = TemporaryFolder()

    @Test("tensors of every type come back, and the metadata")
    func roundTrip() throws {
        let content = assortedTensors()
        let path = folder.file("a.safetensors")
        try SafeTensorsFile.write(content, to: path)
        let read = try SafeTensorsFile.open(path)
        #expect(read.metadata == content.metadata)
        #expect(Set(read.tensors.keys) == Set(content.tensors.keys))
        for (name, tensor) in content.tensors { #expect(try isSame(read.tensors[name], tensor), "\(name)") }
    }

    /// The bytes that `safetensors.numpy.save_file` 0.8 writes for the same tensors.
    @Test("the header is that of the official writer")
    func officialHeader() throws {
        let content = NamedTensors(
            [
                "b": .random(.f16, [2], seed: 1), "ü\"": .random(.f32, [2, 1], seed: 2),
                "a": .random(.f16, [1], seed: 3),
                "mask": .random(.bool, [3], seed: 4), "n": .random(.i64, [], seed: 5), "z": .random(.f32, [0], seed: 6),
            ], metadata: ["format": "pt"])
        try SafeTensorsFile.write(content, to: folder.file("a"))
        let bytes = try MappedFile(path: folder.file("a")).bytes.array
        let header =
            #"{"__metadata__":{"format":"pt"},"n":{"dtype":"I64","shape":[],"data_offsets":[0,8]},"#
            + #""z":{"dtype":"F32","shape":[0],"data_offsets":[8,8]},"#
            + #""ü\"":{"dtype":"F32","shape":[2,1],"data_offsets":[8,16]},"#
            + #""a":{"dtype":"F16","shape":[1],"data_offsets":[16,18]},"#
            + #""b":{"dtype":"F16","shape":[2],"data_offsets":[18,22]},"#
            + #""mask":{"dtype":"BOOL","shape":[3],"data_offsets":[22,25]}}"#
        let length = (header.utf8.count + 7) / 8 * 8
        #expect(Array(bytes[..<8]) == [UInt8(length & 0xFF), UInt8(length >> 8), 0, 0, 0, 0, 0, 0])
        let text = String(decoding: bytes[8..<(8 + length)], as: UTF8.self)
        #expect(text == header + String(repeating: " ", count: length - header.utf8.count))
        #expect(bytes.count == 8 + length + 25)
    }

    @Test("a type of the format that Assay does not hold is refused by its name and the tensor's")
    func unsupportedType() {
        let header = #"{"w":{"dtype":"F8_E8M0","shape":[2],"data_offsets":[0,2]}}"#
        let bytes = [UInt8(header.utf8.count), 0, 0, 0, 0, 0, 0, 0] + Array(header.utf8) + [0, 0]
        let error = #expect(throws: AssayError.self) { try SafeTensorsFile.read(ByteRegion(bytes)) }
        #expect(error?.location.object == "w")
        #expect(error?.message.contains("F8_E8M0") == true)
    }

    @Test("a tensor cannot have the name of the metadata")
    func reservedName() {
        #expect(throws: AssayError.self) {
            try SafeTensorsFile.write(NamedTensors(["__metadata__": .random(.u8, [1], seed: 1)]), to: folder.file("a"))
        }
        #expect(folder.names == [])
    }

    @Test("shards give the tensors in the order of the index")
    func shards() throws {
        let read = try SafeTensorsFile.open(
            Fixtures.folder + "/malformed/hf/sound-sharded/model.safetensors.index.json")
        let index = try Fixtures.json(Fixtures.folder + "/malformed/hf/sound-sharded/model.safetensors.index.json")
        #expect(read.tensors.keys.elements == index["weight_map"]?.object?.keys.elements)
        #expect(read.tensors.count > 5)
    }

    @Test("a shard that is a link out of the folder is refused, one within it is not")
    func links() throws {
        let outside = TemporaryFolder()
        try SafeTensorsFile.write(
            NamedTensors(["w": .random(.u8, [4], seed: 1)]), to: outside.file("secret.safetensors"))
        try SafeTensorsFile.write(NamedTensors(["w": .random(.u8, [4], seed: 1)]), to: folder.file("real.safetensors"))
        let index = #"{"weight_map":{"w":"shard.safetensors"}}"#
        let path = try folder.write(Array(index.utf8), to: "model.safetensors.index.json")
        let link = folder.file("shard.safetensors")
        try #require(symlink("real.safetensors", link) == 0)
        #expect(try SafeTensorsFile.open(path).tensors.count == 1)
        unlink(link)
        try #require(symlink(outside.file("secret.safetensors"), link) == 0)
        #expect(throws: AssayError.self) { try SafeTensorsFile.open(path) }
    }

    @Test("a tensor that the index does not list is an error too")
    func unlisted() throws {
        let content = NamedTensors(["a": .random(.u8, [4], seed: 1), "b": .random(.u8, [4], seed: 2)])
        try SafeTensorsFile.write(content, to: folder.file("one.safetensors"))
        let index = #"{"weight_map":{"a":"one.safetensors"}}"#
        let path = try folder.write(Array(index.utf8), to: "model.safetensors.index.json")
        let error = #expect(throws: AssayError.self) { try SafeTensorsFile.open(path) }
        #expect(error?.location.object == "b")
    }
}
