// Files that are there whole or not at all.

import AssayTensors
import AssayTestSupport
import Glibc
import Testing

@Suite("Atomic file")
struct AtomicFileTests {
    let folder = TemporaryFolder()

    private func write(_ text: String, to path: String, durable: Bool = false) throws {
        let file = try AtomicFile(path: path, durable: durable)
        try file.write(ByteRegion(Array(text.utf8)), at: 0)
        try file.commit()
    }

    @Test("replaces what was there, and leaves nothing beside it", arguments: [false, true])
    func replaces(durable: Bool) throws {
        let path = folder.file("a")
        try write("first, and longer", to: path, durable: durable)
        try write("second", to: path, durable: durable)
        #expect(try MappedFile(path: path).bytes.array == Array("second".utf8))
        #expect(folder.names == ["a"])
    }

    @Test("without commit nothing changes")
    func abandoned() throws {
        let path = folder.file("a")
        try write("kept", to: path)
        do {
            let file = try AtomicFile(path: path)
            try file.write(ByteRegion([1, 2, 3]), at: 1000)
        }
        #expect(folder.names == ["a"])
        #expect(try MappedFile(path: path).bytes.array == Array("kept".utf8))
    }

    @Test("parts may be written in any order")
    func order() throws {
        let file = try AtomicFile(path: folder.file("a"))
        try file.reserve(6)
        try file.write(ByteRegion(Array("def".utf8)), at: 3)
        try file.write(ByteRegion(Array("abc".utf8)), at: 0)
        try file.commit()
        #expect(try MappedFile(path: folder.file("a")).bytes.array == Array("abcdef".utf8))
    }

    @Test("more than the device has room for is an error before anything is written")
    func fullDisk() throws {
        let file = try AtomicFile(path: folder.file("a"))
        let error = #expect(throws: AssayError.self) { try file.reserve(1 << 60) }
        #expect(error?.code == .writeFailed)
    }

    @Test("a missing folder, and a folder in the file's place, are errors of writing")
    func impossible() {
        for path in [folder.file("missing/a"), folder.path] {
            let error = #expect(throws: AssayError.self) { try AtomicFile(path: path) }
            #expect(error?.code == .writeFailed)
            #expect(error?.location.file == path)
        }
    }
}

@Suite("Mapped file")
struct MappedFileTests {
    let folder = TemporaryFolder()

    @Test("a missing file, a folder and a pipe are refused, an empty file is not")
    func kinds() throws {
        #expect(throws: AssayError.self) { try MappedFile(path: folder.file("missing")) }
        #expect(throws: AssayError.self) { try MappedFile(path: folder.path) }
        try #require(mkfifo(folder.file("pipe"), 0o600) == 0)
        #expect(throws: AssayError.self) { try MappedFile(path: folder.file("pipe")) }
        #expect(try MappedFile(path: folder.write([], to: "empty")).bytes.count == 0)
    }

    @Test("bytes that were released can be read again, and outlive the file object")
    func release() throws {
        let content = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let region = try MappedFile(path: folder.write(content, to: "a")).bytes
        region.release()
        try region.slice(5000..<70_000).release()
        try region.slice(20_000..<30_000).release(andNeighbours: true)
        #expect(region.array == content)
    }

    @Test("slices stay inside")
    func slices() throws {
        let region = ByteRegion([1, 2, 3, 4])
        #expect(try region.slice(at: 4, count: 0).count == 0)
        #expect(try region.slice(1..<3).array == [2, 3])
        for (offset, count) in [(0, 5), (4, 1), (-1, 2), (5, 0), (2, .max), (.max, .max)] {
            #expect(throws: AssayError.self) { try region.slice(at: offset, count: count) }
        }
    }
}
