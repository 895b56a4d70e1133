// HDF5 files with random bytes changed. libhdf5 crashes on some of them and loops on others; the process that asks must
// get an answer or an error, in bounded time. `make fuzz COUNT=…` tries many.

import AssayTensors
import AssayTestSupport
import Glibc
import Testing

@testable import AssayContainers

@Suite("HDF5 fuzz")
struct HDF5FuzzTests {
    private static let count = getenv("ASSAY_FUZZ_COUNT").flatMap { Int(String(cString: $0)) } ?? 20

    @Test("damaged copies load or are refused", arguments: ["types", "attributes", "chunks", "chunks-latest", "links"])
    func damaged(name: String) throws {
        let sound = try MappedFile(path: Fixtures.folder + "/hdf5/\(name).h5").bytes.array
        let folder = TemporaryFolder()
        var random = SeededGenerator(seed: 7)
        for _ in 0..<Self.count {
            var bytes = sound
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            let start = ContinuousClock.now
            let path = try folder.write(bytes, to: "damaged.h5")
            do throws(AssayError) {
                try loadAll(HDF5File.open(path: path).root)
            } catch {
                #expect(error.code == .unreadable)
            }
            #expect(ContinuousClock.now - start < .seconds(10))
        }
    }

    @Test("a helper that was misled is not believed", arguments: ["types", "attributes", "chunks", "links"])
    func misled(name: String) throws {
        let path = Fixtures.folder + "/hdf5/\(name).h5"
        let file = try MappedFile(path: path).bytes
        let sound = try HDF5Helper.index(path: path, range: 0..<file.count).array
        var random = SeededGenerator(seed: 11)
        for _ in 0..<(20 * Self.count) {
            var stream = sound
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                stream[Int.random(in: stream.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            do throws(AssayError) {
                let objects = try HDF5IndexParser.parse(ByteRegion(stream), of: file)
                let index = HDF5Index(path: path, bytes: file, objects: objects, pool: .single)
                try loadAll(HDF5Group(index: index, number: 0, path: "/"))
            } catch {
                #expect(error.code == .unreadable)
            }
        }
    }

    /// Asks for every tensor; most of a damaged file are sound, and the others fail for themselves.
    private func loadAll(_ root: HDF5Group) throws(AssayError) {
        try root.forEachDataset { (dataset) throws(AssayError) in
            do throws(AssayError) {
                let tensor = try dataset.tensor()
                // Fill values may be many times what the file holds; they need no memory until they are used.
                guard tensor.byteCount <= 1 << 20 else { return }
                _ = try tensor.loaded()
            } catch {
                #expect(error.code == .unreadable)
            }
        }
    }
}
