// Models with a head under the names of the model without one, and the other way round.

import AssayContainers
import AssayGraph
import AssayHuggingFace
import AssayTensors
import AssayTestSupport
import OrderedCollections
import Testing

@Suite("Names around the model without its head")
struct CheckpointStoreTests {
    private static let gpt2 = Fixtures.folder + "/hf-gpt2-lm"
    private static let module = "transformer."

    /// The model of a folder whose tensors have other names, and whose class may be another one.
    private func renamed(
        className: String? = nil, _ name: (String) -> String
    ) throws(AssayError) -> Model {
        let folder = TemporaryFolder()
        var configuration = try Fixtures.json(Self.gpt2 + "/config.json").object ?? [:]
        if let className { configuration["architectures"] = [.string(className)] }
        _ = try folder.write(Array(JSON.object(configuration).text().utf8), to: "config.json")
        let content = try SafeTensorsFile.open(Self.gpt2 + "/model.safetensors")
        var other = NamedTensors()
        for (old, tensor) in content.tensors { other.tensors[name(old)] = tensor }
        try SafeTensorsFile.write(other, to: folder.file("model.safetensors"))
        return try HuggingFaceReader.read(path: folder.path)
    }

    @Test("a head is found where the names leave the module out") func leftOut() throws {
        let model = try renamed { String($0.dropFirst(Self.module.count)) }
        #expect(model.graph?.outputs.map(\.name) == ["logits"])
        #expect(model.parameters.first?.path == "transformer/wte/table")
        #expect(model.parameters.first?.sources == ["wte.weight"])
    }

    @Test("the model without a head is found in the file of one with a head") func added() throws {
        let model = try renamed(className: "GPT2Model") { $0 }
        #expect(model.graph?.outputs.map(\.name) == ["last_hidden_state"])
        #expect(model.parameters.first?.path == "wte/table")
        #expect(model.parameters.first?.sources == ["transformer.wte.weight"])
    }

    @Test("a tensor that is missing is named as the architecture has it") func missing() throws {
        let model = try renamed { $0.replacing("transformer.wte", with: "transformer.words") }
        #expect(model.graph == nil)
        #expect(model.defects.contains { $0.error.location.object?.contains("wte") ?? false })
    }
}
