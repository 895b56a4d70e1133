// Every recorded case of Hugging Face that is listed, by the specifications: what transformers computed, file by file, and
// the operators' definitions.

import Assay
import AssayTestSupport
import Testing

extension FixtureCase {
    /// The files with weights that transformers wrote.
    fileprivate var checkpoints: [File] { files.filter { $0.dialect.hasPrefix("hf-") && $0.dialect != "hf-config" } }
}

@Suite("Conformance with Hugging Face's transformers")
struct HuggingFaceConformanceTests {
    /// Those in Tests/Fixtures/hf-cases.txt that are there: in the repository always, in the collection where it is there.
    static let cases = ConformanceCases.cases(listedIn: "hf-cases.txt").filter { $0.golden != nil }

    @Test("has cases of the repository") func count() {
        #expect(Self.cases.count >= 11)
    }

    @Test("agrees with what transformers recorded, module by module", arguments: cases)
    func agreesWithTransformers(_ fixture: FixtureCase) throws {
        let recorded = try fixture.recorded()
        let inputs = try fixture.inputs()
        #expect(!fixture.checkpoints.isEmpty)
        for file in fixture.checkpoints {
            let model = try Model.open(file.path, graphFrom: file.graphFrom)
            #expect(model.defects.isEmpty, "\(file.path)")
            let computed = try model.run(.tensors(inputs), recordsLayers: true).entries
            for (name, truth) in recorded {
                let value = try #require(computed[name], "\(file.path) lacks \(name)")
                let share = try fixture.tolerance.share(of: value, recorded: truth)
                #expect(share <= 1, "\(file.path): \(name) is \(share) of the tolerance away")
            }
        }
    }

    @Test("computes in Double what the definitions say", arguments: cases)
    func agreesWithReference(_ fixture: FixtureCase) throws {
        let file = try #require(fixture.checkpoints.first)
        let model = try Model.open(file.path, graphFrom: file.graphFrom)
        let inputs = InputSource.tensors(try fixture.inputs())
        let reference = try model.run(inputs, precision: .reference, recordsLayers: true).entries
        let computed = try model.run(inputs, precision: .double, recordsLayers: true).entries
        #expect(computed.keys == reference.keys)
        let tolerance = Tolerance(absolute: 1e-10, relative: 1e-10)
        for (name, truth) in reference {
            let share = try tolerance.share(of: #require(computed[name]), recorded: truth)
            #expect(share <= 1, "\(name) is \(share) of the tolerance away")
        }
    }
}
