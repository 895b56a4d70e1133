// What is fuzzed: a reader by name, the sound files that are damaged for it, and how it reads. Add a reader by adding an
// entry to `all`.

import AssayContainers
import AssayKeras
import AssayONNX
import AssayTensors
import AssayTestSupport

/// A reader under test.
struct FuzzTarget: Sendable, CustomStringConvertible {
    let name: String
    /// Sound files to start from.
    let seeds: @Sendable () throws -> [[UInt8]]
    /// Makes a file of damaged bytes; the identity, unless damage is meant to reach behind a checksum.
    var wrap: @Sendable ([UInt8], TemporaryFolder) throws -> [UInt8] = { bytes, _ in bytes }
    /// Reads all of the file at a path.
    let read: @Sendable (String) throws -> Void

    var description: String { name }

    static let all = [
        FuzzTarget(
            name: "zip",
            seeds: {
                try fixtures("keras/sound.keras", "keras/deflated.keras", "keras/zip64.keras", "keras/streamed.keras")
            },
            read: { path in
                let archive = try ZipArchive(path: path)
                for member in archive.members.values { _ = try archive.content(of: member, limit: 1 << 24) }
            }),
        FuzzTarget(
            name: "npz",
            seeds: {
                try fixtures(
                    "npz/sound.npz", "npz/fortran.npz", "npz/big-endian.npz", "npz/version-2.npz", "npz/deflated.npz")
            },
            read: { try load(NPZFile.open($0)) }),
        FuzzTarget(
            name: "npy in a sound archive",
            seeds: {
                try fixtures("npz/sound.npz", "npz/fortran.npz", "npz/big-endian.npz", "npz/version-3.npz").map {
                    let archive = try ZipArchive(bytes: ByteRegion($0))
                    return try archive.content(of: archive.member("w.npy")).array
                }
            },
            wrap: { bytes, folder in
                let writer = try ZipWriter(path: folder.file("wrapped"))
                try writer.addStored("w.npy", [.bytes(ByteRegion(bytes))])
                try writer.finish()
                return try MappedFile(path: folder.file("wrapped")).bytes.array
            },
            read: { try load(NPZFile.open($0)) }),
        FuzzTarget(
            name: "safetensors",
            seeds: {
                try fixtures(
                    "safetensors/sound.safetensors", "safetensors/metadata.safetensors", "safetensors/zero.safetensors")
            },
            read: { try load(SafeTensorsFile.open($0)) }),
        FuzzTarget(name: "zten", seeds: { try [ztenSeed(plain: false), ztenSeed(plain: true)] }) {
            try load(ZTENFile.open($0))
        },
        FuzzTarget(
            name: "zten header in a sound frame", seeds: { [Array(ztenHeader.utf8)] },
            wrap: { text, _ in
                var builder = SeekableBuilder()
                builder.add((0..<8).map { UInt8(text.count >> (8 * $0) & 0xFF) } + text)
                for frame: [UInt8] in [[1, 2, 3], [1, 2, 3, 4], [5, 6, 7, 8]] { builder.add(frame) }
                return builder.bytes
            },
            read: { try load(ZTENFile.open($0)) }),
        FuzzTarget(
            name: "ONNX",
            seeds: {
                try ["k3-onnx-seed", "k3-onnx-pooling"].map {
                    try MappedFile(path: Fixtures.folder + "/\($0)/model.onnx").bytes.array
                }
            },
            read: { _ = try ONNXReader.read(path: $0) }),
        FuzzTarget(
            name: ".keras", seeds: { try fixtures("keras/sound.keras", "keras/deflated.keras") },
            read: { _ = try KerasReader.read(path: $0) }),
        FuzzTarget(
            name: "config.json in a sound .keras", seeds: { try [kerasMember("config.json")] },
            wrap: { text, folder in
                let writer = try ZipWriter(path: folder.file("wrapped"))
                try writer.addStored("config.json", [.bytes(ByteRegion(text))])
                for name in ["metadata.json", "model.weights.h5"] {
                    try writer.addStored(name, [.bytes(ByteRegion(kerasMember(name)))])
                }
                try writer.finish()
                return try MappedFile(path: folder.file("wrapped")).bytes.array
            },
            read: { _ = try KerasReader.read(path: $0) }),
    ]

    private static func kerasMember(_ name: String) throws -> [UInt8] {
        let archive = try ZipArchive(path: Fixtures.folder + "/malformed/keras/sound.keras")
        return try archive.content(of: archive.member(name)).array
    }

    private static let ztenHeader =
        #"{"__metadata__":{"zten.version":"1","zten.planes":"{\"b\":{\"dtype\":\"I16\",\"shape\":[2,2]}}"},"#
        + #""a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"b":{"dtype":"U8","shape":[2,4],"data_offsets":[3,11]}}"#

    private static func fixtures(_ names: String...) throws -> [[UInt8]] {
        try names.map { try MappedFile(path: Fixtures.folder + "/malformed/" + $0).bytes.array }
    }

    private static func ztenSeed(plain: Bool) throws -> [UInt8] {
        let folder = TemporaryFolder()
        let content = NamedTensors(
            ["w": .weights([40, 30], seed: 1), "b": .random(.f16, [3], seed: 2), "e": .random(.i8, [0], seed: 3)],
            metadata: ["format": "pt"])
        try ZTENFile.write(content, to: folder.file("a"), plain: plain)
        return try MappedFile(path: folder.file("a")).bytes.array
    }

    /// Decodes every tensor, part by part.
    private static func load(_ content: NamedTensors) throws {
        for tensor in content.tensors.values { try tensor.forEachPart { _, _ in } }
    }
}
