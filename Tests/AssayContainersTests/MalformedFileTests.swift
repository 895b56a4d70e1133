// Hostile and broken files, each with what must happen (`Tests/Fixtures/malformed/cases.json`), and all of the large
// collection where it is there.

import AssayContainers
import AssayTensors
import AssayTestSupport
import Testing

/// A file and what a reader must do with it.
struct MalformedCase: CustomStringConvertible, Sendable {
    let folder: String
    let path: String
    let reader: String
    let expect: String
    let why: String

    var description: String { path }

    /// The repository's own cases.
    static let own = cases(in: Fixtures.folder + "/malformed", reader: { $0["reader"]?.string })

    /// The collection's cases for containers that stand alone; those of zip need a reader of models above them.
    static let collected = cases(in: (Fixtures.collection ?? "/nowhere") + "/malformed") { row in
        let kind = row["path"]?.string?.split(separator: "/").first.map(String.init)
        return kind == "npz" || kind == "safetensors" ? kind : nil
    }

    private static func cases(in folder: String, reader: (JSON) -> String?) -> [MalformedCase] {
        let rows = (try? Fixtures.json(folder + "/cases.json").array) ?? []
        return rows.compactMap { row in
            guard let path = row["path"]?.string, let expect = row["expect"]?.string, let reader = reader(row)
            else { return nil }
            return MalformedCase(
                folder: folder, path: path, reader: reader, expect: expect, why: row["why"]?.string ?? "")
        }
    }

    /// Reads all that the file holds.
    func read() throws(AssayError) {
        let file = folder + "/" + path
        switch reader {
        case "npz": try load(NPZFile.open(file))
        case "safetensors": try load(SafeTensorsFile.open(file))
        default:
            let archive = try ZipArchive(path: file)
            for member in archive.members.values { _ = try archive.content(of: member, limit: 1 << 24) }
        }
    }

    private func load(_ content: NamedTensors) throws(AssayError) {
        for tensor in content.tensors.values { _ = try tensor.loaded() }
    }
}

@Suite("Malformed files")
struct MalformedFileTests {
    @Test("the repository has its cases")
    func casesAreThere() {
        #expect(MalformedCase.own.count > 90)
    }

    @Test(
        "are refused with an error, or load, as the case says", arguments: MalformedCase.own + MalformedCase.collected)
    func behave(_ row: MalformedCase) throws {
        switch row.expect {
        case "load": try row.read()
        case "reject":
            let error = #expect(throws: AssayError.self, "\(row.why)") { try row.read() }
            #expect(error?.code == .unreadable)
        default:
            do { try row.read() } catch let error { #expect(error.code == .unreadable) }
        }
    }
}
