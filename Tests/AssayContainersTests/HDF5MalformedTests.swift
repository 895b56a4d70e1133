// Damaged and hostile HDF5 files: what the container refuses as a whole, what only when it is asked for, and that the
// process that reads them lives. The large collection has more of them, and says what a reader of models must do.

import AssayContainers
import AssayTensors
import AssayTestSupport
import Testing

/// Opens the file and loads every tensor that it has.
private func load(_ path: String) throws(AssayError) {
    let root = try HDF5File.open(path: path).root
    try root.forEachDataset { (dataset) throws(AssayError) in _ = try dataset.tensor().loaded() }
}

/// The collection's cases.
private let collectedCases: [MalformedCase] = {
    let folder = (Fixtures.collection ?? "/nowhere") + "/malformed"
    let rows = (try? Fixtures.json(folder + "/cases.json").array) ?? []
    return rows.compactMap { row in
        guard let path = row["path"]?.string, path.hasPrefix("h5/"), let expect = row["expect"]?.string else {
            return nil
        }
        return MalformedCase(folder: folder, path: path, reader: "hdf5", expect: expect, why: "")
    }
}()

@Suite("Malformed HDF5 files")
struct HDF5MalformedTests {
    private static let folder = Fixtures.folder + "/hdf5/malformed/"

    @Test(
        "a damaged structure refuses the whole file",
        arguments: [
            ("truncated-01000.h5", "truncated file"), ("tree-child-self.h5", "damaged"),
            ("gcol-object-size.h5", "damaged"), ("layout-beyond.h5", "leave the file"),
            ("space-more.h5", "the shape needs 60 bytes"),
            ("space-rank.h5", "dimensionality"),
        ])
    func structure(name: String, reason: String) {
        let error = #expect(throws: AssayError.self) { try HDF5File.open(path: Self.folder + name) }
        #expect(error?.code == .unreadable)
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    }

    @Test(
        "a tensor that cannot be had refuses itself alone",
        arguments: [
            ("deflate-bomb.h5", "cannot hold"), ("deflate-bomb-double.h5", "twice"), ("deflate-short.h5", "deflate"),
            ("huge-no-storage.h5", "too many elements"), ("external-data-absolute.h5", "another file"),
            ("dtype-fixed-strings.h5", "3-byte string"),
        ])
    func tensors(name: String, reason: String) throws {
        let layer = try HDF5File.open(path: Self.folder + name).root.group("model_weights/dense_0/dense_0")
        #expect(try layer.dataset("bias:0").tensor().loaded().shape == [3])
        let error = #expect(throws: AssayError.self) { try layer.dataset("kernel:0").tensor().loaded() }
        #expect(error?.code == .unreadable)
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    }

    @Test("what is no HDF5 file says so")
    func others() throws {
        let folder = TemporaryFolder()
        for bytes in [[], Array("text\n".utf8), [0x89, 0x48, 0x44]] as [[UInt8]] {
            let path = try folder.write(bytes, to: "file.h5")
            let error = #expect(throws: AssayError.self) { try HDF5File.open(path: path) }
            #expect(error?.message == "is not an HDF5 file")
        }
    }

    @Test("the collection's files load, or are refused with an error", arguments: collectedCases)
    func collected(row: MalformedCase) throws {
        let path = row.folder + "/" + row.path
        guard row.expect != "load" else {
            try load(path)
            return
        }
        do { try load(path) } catch let error { #expect(error.code == .unreadable) }
    }
}
