// The example of the README, compiled and run. The test keeps the page and this file the same.

import Assay
import AssayTestSupport
import Glibc
import Testing

@Suite("The README's example", .serialized)
struct LibraryExampleTests {
    private func example() throws {
        // The README begins here.
        let old = try Model.open("SampleCheckpoints/classifier/keras2.h5")
        let new = try Model.open("SampleCheckpoints/classifier/model.keras")
        let report = try old.verify(against: new)
        print(report.verdict, report.firstLayer ?? "")

        let result = try new.run(.file("SampleCheckpoints/classifier/golden.npz"))
        for (name, tensor) in result.outputs {
            print(name, tensor.shape, try tensor.floats().prefix(3))
        }
        try Conversion(new, to: "/tmp/classifier.zten").write()
        // The README ends here.
    }

    @Test("runs") func runs() throws {
        #expect(chdir(Fixtures.repository) == 0)
        try example()
        let written = try Model.open("/tmp/classifier.zten")
        #expect(written.parameters.count == 16)
        unlink("/tmp/classifier.zten")
    }

    @Test("is what the README shows") func isShown() throws {
        let source = try lines(#filePath)
        let start = try #require(source.firstIndex { $0.hasSuffix("// The README begins here.") })
        let end = try #require(source.firstIndex { $0.hasSuffix("// The README ends here.") })
        let example = source[(start + 1)..<end].map { $0.dropFirst(8) }.joined(separator: "\n")
        let page = try lines(Fixtures.repository + "/README.md").joined(separator: "\n")
        #expect(page.contains("import Assay\n\n" + example))
    }

    private func lines(_ path: String) throws -> [Substring] {
        let text = String(decoding: try MappedFile(path: path).bytes.array, as: UTF8.self)
        return text.split(separator: "\n", omittingEmptySubsequences: false)
    }
}
