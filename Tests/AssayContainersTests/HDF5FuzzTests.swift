// HDF5 files with random bytes changed. libhdf5 crashes on some of them and loops on others; the process that asks must
// get an answer or an error, in bounded time. `make fuzz COUNT=…` tries many.

import AssayContainers
import AssayTensors
import AssayTestSupport
import Glibc
import Testing

@Suite("HDF5 fuzz")
struct HDF5FuzzTests {
    private static let count = getenv("ASSAY_FUZZ_COUNT").flatMap { Int(String(cString: $0)) } ?? 50

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

    /// Asks for every tensor; most of a damaged file are sound, and the others fail for themselves.
    private func loadAll(_ root: HDF5Group) throws(AssayError) {
        try root.forEachDataset { (dataset) throws(AssayError) in
            do throws(AssayError) {
                _ = try dataset.tensor().loaded()
            } catch {
                #expect(error.code == .unreadable)
            }
        }
    }
}
