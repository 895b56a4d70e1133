// What transformers has in PyTorch alone does not become a file for TensorFlow.

import AssayContainers
import AssayHuggingFace
import AssayTensors
import AssayTestSupport
import Testing

@testable import AssayArchitectures

@Suite("Checkpoints that TensorFlow has no class for")
struct TensorFlowRefusalTests {
    private func checkpoint(_ architecture: String, _ head: String) throws -> SyntheticCheckpoint {
        try SyntheticCheckpoint(SpecificationLibrary.builtIn().specification(named: architecture), head: head)
    }

    /// What writing a checkpoint for TensorFlow throws; nil where it is decided without an error.
    private func refusal(_ checkpoint: SyntheticCheckpoint) throws -> AssayError? {
        let folder = TemporaryFolder()
        _ = try folder.write(Array(checkpoint.configuration.text().utf8), to: "config.json")
        try SafeTensorsFile.write(NamedTensors(checkpoint.tensors), to: folder.file("model.safetensors"))
        let model = try HuggingFaceReader.read(path: folder.path)
        do throws(AssayError) {
            _ = try HuggingFaceWriter(model, as: .tensorFlow)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "a class that is there in PyTorch alone is named",
        arguments: [
            ("bart", "ForQuestionAnswering"), ("bart", "ForCausalLM"), ("electra", "ForCausalLM"),
            ("gpt2", "ForTokenClassification"), ("t5", "ForSequenceClassification"), ("llama", "Model"),
        ])
    func pytorchAlone(architecture: String, head: String) throws {
        let error = try #require(try refusal(checkpoint(architecture, head)))
        #expect(error.code == .usage)
        #expect(error.message.hasSuffix("\(head) for TensorFlow"))
    }

    @Test(
        "an output matrix of its own, which TensorFlow would ignore, is named; a tied one is written",
        arguments: [("bert", "ForMaskedLM"), ("roberta", "ForMaskedLM"), ("gpt2", "LMHeadModel")])
    func untied(architecture: String, head: String) throws {
        var checkpoint = try checkpoint(architecture, head)
        #expect(try refusal(checkpoint) == nil)
        let tie = try #require(checkpoint.ties.first)
        checkpoint.configuration.set("tie_word_embeddings", .bool(false))
        checkpoint.tensors[tie.twin.pytorchName] = checkpoint.tensors[tie.owner.pytorchName]
        let error = try #require(try refusal(checkpoint))
        #expect(error.code == .usage)
        #expect(error.message.contains("tie_word_embeddings"))
    }

    @Test("relative positions, which TensorFlow would ignore, are named")
    func relativePositions() throws {
        let specification = try SpecificationLibrary.builtIn().specification(named: "bert")
        let configuration: JSON = ["position_embedding_type": "relative_key"]
        let values = specification.values(configuration: configuration, head: "Model")
        let blueprint = try #require(specification.blueprint)
        let head = try #require(blueprint.heads["Model"])
        #expect(try blueprint.ignoredInTensorFlow(values, head: head)?.contains("position_embedding_type") == true)
    }
}
