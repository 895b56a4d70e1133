// Files of layers in .keras archives: they are there again when the archive is written again.

import AssayContainers
import AssayTensors
import AssayTestSupport
import Testing

@testable import AssayKeras

@Suite struct ArchiveAssetsTests {
    private let assets: [String: [UInt8]] = [
        "assets/layers/text_vectorization/vocabulary.txt": Array("[UNK]\nGrüße\nthe\n".utf8),
        "assets/blob": [0, 0xFF, 0xC3, 0x28],
    ]

    @Test func assetsAreWrittenAgain() throws {
        let sound = try ZipArchive(path: Fixtures.folder + "/malformed/keras/sound.keras")
        let folder = TemporaryFolder()
        let writer = try ZipWriter(path: folder.file("with.keras"))
        for member in sound.members.values {
            try writer.addStored(member.name, [.bytes(sound.content(of: member))], alignment: 64)
        }
        for (name, content) in assets { try writer.addStored(name, [.bytes(ByteRegion(content))]) }
        try writer.finish()

        let model = try KerasReader.read(path: folder.file("with.keras"))
        try KerasWriter(model, as: .archive).write(to: folder.file("again.keras"))
        let again = try ZipArchive(path: folder.file("again.keras"))
        for (name, content) in assets {
            #expect(try again.content(of: again.member(name)).array == content, "\(name)")
        }
        #expect(again.members.count == sound.members.count + assets.count)
    }

    @Test func assetsOfOtherNamesAreRefused() {
        let json: JSON = ["config.json": ["text": "{}"]]
        #expect(throws: AssayError.self) { try ArchiveAssets(json: json) }
        #expect(throws: AssayError.self) { try ArchiveAssets(json: ["assets/a": ["bytes": "0"]]) }
    }
}
