// Zip: what is written is read again, alignment and 64-bit records included.

import AssayContainers
import AssayTensors
import AssayTestSupport
import Testing

@Suite("Zip")
struct ZipTests {
    let folder = TemporaryFolder()

    private func text(_ text: String) -> ByteRegion { ByteRegion(Array(text.utf8)) }

    @Test("stored and deflated members come back, at their alignment, with their comments")
    func roundTrip() throws {
        let path = folder.file("a.zip")
        let long = text(String(repeating: "a text that repeats. ", count: 5000))
        let tensor = Tensor.random(.f32, [300, 7001], seed: 1)
        let writer = try ZipWriter(path: path)
        try writer.addDeflated("config.json", long)
        try writer.addDeflated("empty", text(""))
        try writer.addStored("folder/ümlaut", [.bytes(text("head")), .tensor(tensor), .bytes(text("tail"))])
        for alignment in [2, 64, 4096] {
            try writer.addStored("aligned/\(alignment)", [.bytes(text("x"))], alignment: alignment, comment: "note")
        }
        #expect(folder.names != ["a.zip"])
        try writer.finish()
        #expect(folder.names == ["a.zip"])

        let archive = try ZipArchive(path: path)
        #expect(archive.members.count == 6)
        let config = try archive.member("config.json")
        #expect(config.method == .deflated && config.storedSize < config.size / 50)
        #expect(try archive.content(of: config).array == long.array)
        #expect(try archive.content(of: archive.member("empty")).count == 0)
        let stored = try archive.member("folder/ümlaut")
        let whole = Array("head".utf8) + (try tensor.bytes().array) + Array("tail".utf8)
        #expect(try archive.content(of: stored).array == whole)
        let file = try MappedFile(path: path).bytes
        #expect(try file.slice(at: stored.offset, count: stored.size).array == whole)
        for alignment in [2, 64, 4096] {
            let member = try archive.member("aligned/\(alignment)")
            #expect(member.offset % alignment == 0 && member.comment == "note")
        }
    }

    @Test("the same contents give the same bytes")
    func deterministic() throws {
        for name in ["a", "b"] {
            let writer = try ZipWriter(path: folder.file(name), pool: ThreadPool(threads: name == "a" ? 1 : 3))
            try writer.addStored("w", [.tensor(.random(.u8, [9_000_001], seed: 4))], alignment: 64)
            try writer.addDeflated("t", text("text"))
            try writer.finish()
        }
        #expect(try MappedFile(path: folder.file("a")).bytes.array == MappedFile(path: folder.file("b")).bytes.array)
    }

    @Test("more members than 16 bits count need the 64-bit end record")
    func manyMembers() throws {
        let writer = try ZipWriter(path: folder.file("a"))
        for index in 0..<65_600 { try writer.addStored("\(index)", []) }
        try writer.finish()
        let archive = try ZipArchive(path: folder.file("a"))
        #expect(archive.members.count == 65_600)
        #expect(archive.members["65599"]?.size == 0)
    }

    @Test("a limit on the content's size is checked before anything is inflated")
    func limit() throws {
        let writer = try ZipWriter(path: folder.file("a"))
        try writer.addDeflated("zeros", ByteRegion(count: 1 << 20) { _ in })
        try writer.finish()
        let archive = try ZipArchive(path: folder.file("a"))
        let member = try archive.member("zeros")
        #expect(throws: AssayError.self) { try archive.content(of: member, limit: 1 << 19) }
        #expect(try archive.content(of: member, limit: 1 << 20).count == 1 << 20)
        #expect(throws: AssayError.self) { try archive.storedBytes(of: member) }
        #expect(throws: AssayError.self) { try archive.member("missing") }
    }

    @Test(
        "names that are no plain relative paths cannot be written",
        arguments: ["", "/a", "../a", "a/../b", "a//b", "./a", "\\a", "..\\a", "a\\..\\b", "a\u{0}b", "a\nb", ".."])
    func names(_ name: String) throws {
        let writer = try ZipWriter(path: folder.file("a"))
        let error = #expect(throws: AssayError.self) { try writer.addStored(name, []) }
        #expect(error?.code == .writeFailed)
    }

    @Test("a name cannot be written twice")
    func twice() throws {
        let writer = try ZipWriter(path: folder.file("a"))
        try writer.addStored("a", [])
        #expect(throws: AssayError.self) { try writer.addDeflated("a", text("b")) }
    }
}
