// Folders that are there whole or not at all.

import AssayTensors
import AssayTestSupport
import Testing

@Suite("Atomic folder")
struct AtomicFolderTests {
    let home = TemporaryFolder()

    private func write(_ text: String, to path: String) throws {
        let file = try AtomicFile(path: path)
        try file.write(ByteRegion(Array(text.utf8)), at: 0)
        try file.commit()
    }

    private func make(_ text: String, at name: String = "new", replacing names: Set<String> = ["a"]) throws {
        let folder = try AtomicFolder(path: home.file(name), replacing: names)
        try write(text, to: folder.workingPath + "/a")
        try folder.commit()
    }

    private func text(_ name: String) throws -> String {
        String(decoding: try MappedFile(path: home.file(name)).bytes.array, as: UTF8.self)
    }

    @Test("replaces a folder of its own files, and leaves nothing beside it") func replaces() throws {
        try make("first")
        try make("second")
        #expect(try text("new/a") == "second")
        #expect(home.names == ["new"])
    }

    @Test("a folder with anything else in it stays") func keepsOthers() throws {
        try make("first")
        try write("mine", to: home.file("new/b"))
        let error = #expect(throws: AssayError.self) { try make("second") }
        #expect(error?.code == .writeFailed && error?.found == "b")
        #expect(try text("new/a") == "first")
        #expect(home.names == ["new"])
    }

    @Test("a file stays") func keepsFiles() throws {
        try write("mine", to: home.file("new"))
        let error = #expect(throws: AssayError.self) { try make("second") }
        #expect(error?.code == .writeFailed)
        #expect(try text("new") == "mine")
    }

    @Test("without commit nothing is left") func abandoned() throws {
        do {
            let folder = try AtomicFolder(path: home.file("new"), replacing: [])
            try write("text", to: folder.workingPath + "/a")
        }
        #expect(home.names.isEmpty)
    }

    @Test("one file can be taken out of it") func takesFiles() throws {
        do {
            let folder = try AtomicFolder(besideFile: home.file("a"))
            try write("text", to: folder.workingPath + "/a")
            try write("text", to: folder.workingPath + "/b")
            try folder.commit(file: "a")
        }
        #expect(home.names == ["a"])
    }
}
