// Checkpoints of TensorFlow and PyTorch made of each other: every tensor has the name, shape and bits that the framework
// itself gave it.

import Assay
import AssayTestSupport
import Testing

@Suite("Translation")
struct TranslationTests {
    /// A case with the same model as both frameworks wrote it.
    struct Pair: Sendable, CustomStringConvertible {
        let pytorch: String
        let tensorFlow: String
        let name: String

        init?(_ fixture: FixtureCase) {
            guard let pytorch = fixture.files.first(where: { $0.dialect == "hf-safetensors" }),
                let tensorFlow = fixture.files.first(where: { $0.dialect == "hf-tf-h5" })
            else { return nil }
            self.pytorch = pytorch.path
            self.tensorFlow = tensorFlow.path
            name = fixture.name
        }

        var description: String { name }
    }

    /// Of all cases but Marian's, whose sinusoidal tables TensorFlow stores and PyTorch computes.
    static let pairs = ConformanceCases.cases(listedIn: "hf-cases.txt").filter { $0.name != "hf-marian-mt" }
        .compactMap(Pair.init)

    private let folder = TemporaryFolder()

    private func convert(_ source: String, to output: String, _ format: String? = nil) throws -> String {
        let conversion = try Conversion(Model.open(source), to: folder.file(output), formatName: format)
        try conversion.write()
        #expect(try conversion.leftOut() == [])
        return folder.file(output)
    }

    private func expectEqual(_ made: String, _ truth: String) throws {
        let (made, truth) = (try Model.open(made).tensors, try Model.open(truth).tensors)
        #expect(Set(made.keys) == Set(truth.keys))
        for (name, tensor) in truth {
            let other = try #require(made[name])
            #expect(try tensor.isBitEqual(to: other), "\(name) has other bits")
        }
    }

    private func expectSameFile(_ made: String, _ truth: String) throws {
        guard Fixtures.exists(truth) else { return }
        #expect(try MappedFile(path: made).bytes.array == MappedFile(path: truth).bytes.array)
    }

    @Test("cases are there") func count() { #expect(Self.pairs.count >= 3) }

    @Test("tf_model.h5 becomes model.safetensors and tf_model.h5 again", arguments: pairs)
    func thereAndBack(_ pair: Pair) throws {
        let pytorch = try convert(pair.tensorFlow, to: "pt", "hf-safetensors")
        try expectEqual(pytorch, pair.pytorch)
        try expectSameFile(pytorch + "/model.safetensors", pair.pytorch)
        let tensorFlow = try convert(pytorch, to: "tf", "hf-tf-h5")
        try expectEqual(tensorFlow, pair.tensorFlow)
        let original = pair.tensorFlow.dropLast("tf_model.h5".count)
        for file in ["config.json", "generation_config.json"] {
            try expectSameFile("\(tensorFlow)/\(file)", original + file)
        }
    }

    @Test("ZTEN and NPZ keep what both dialects need", arguments: pairs, ["zten", "npz"])
    func throughOthers(_ pair: Pair, _ format: String) throws {
        let kept = try convert(pair.tensorFlow, to: "model.\(format)")
        try expectEqual(convert(kept, to: "tf", "hf-tf-h5"), pair.tensorFlow)
        try expectEqual(convert(kept, to: "pt", "hf-safetensors"), pair.pytorch)
    }
}
