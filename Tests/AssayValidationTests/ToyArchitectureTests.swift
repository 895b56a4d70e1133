// A new architecture is one JSON text: with it a checkpoint is read, validated and run.

import AssayContainers
import AssayExecution
import AssayGraph
import AssayHuggingFace
import AssayTensors
import AssayTestSupport
import AssayValidation
import OrderedCollections
import Testing

@testable import AssayArchitectures

@Suite("A toy architecture")
struct ToyArchitectureTests {
    /// Residual layers, as many as the configuration says: h = h + relu(h W + b).
    static let toy = """
        {
          "title": "Toy: residual layers", "source": "a test",
          "dimensions": {
            "width": { "about": "width of the stream", "key": "toy_width" },
            "blocks": { "about": "layers", "key": "toy_depth" }
          },
          "model": {
            "types": ["toy"], "class": "Toy", "module": "toy",
            "inputs": { "x": { "type": "float32", "shape": ["batch", "width"] } },
            "steps": [
              { "module": "layers.{i}", "repeat": "i", "count": "blocks", "from": "x", "to": "x", "steps": [
                { "module": "dense", "block": "linear", "from": "x", "to": "y", "inputs": "width", "units": "width" },
                { "block": "activation", "from": "y", "to": "y", "function": "'relu'" },
                { "block": "add", "from": ["x", "y"], "to": "x" }
              ] }
            ],
            "heads": { "Model": { "outputs": { "y": "x" } } }
          }
        }
        """

    private func library() throws -> SpecificationLibrary {
        let json = try JSON(parsing: Self.toy)
        #expect(try JSONSchema.named("architecture.schema.json").violations(in: json) == [])
        return SpecificationLibrary([
            try Specification(json: json, name: "toy", blocks: SpecificationLibrary.builtInBlocks())
        ])
    }

    private func folder(depth: Int = 2, bias: [Float] = [1, -1]) throws -> TemporaryFolder {
        let folder = TemporaryFolder()
        let configuration =
            #"{"model_type": "toy", "architectures": ["ToyModel"], "toy_width": 2, "toy_depth": \#(depth)}"#
        _ = try folder.write(Array(configuration.utf8), to: "config.json")
        var content = NamedTensors()
        for layer in 0..<2 {
            content.tensors["layers.\(layer).dense.weight"] = Tensor([1, 0, 1, 1] as [Float], shape: [2, 2])
            content.tensors["layers.\(layer).dense.bias"] = Tensor(bias, shape: [bias.count])
        }
        try SafeTensorsFile.write(content, to: folder.file("model.safetensors"))
        return folder
    }

    @Test("is read, validated and run")
    func runs() throws {
        let folder = try folder()
        let library = try library()
        let model = try HuggingFaceReader.read(path: folder.path, library: library)
        let report = try Validator(library: library).validate(model)
        #expect(report.findings == [])
        #expect(report.recognition?.checkpoint?.className == "ToyModel")
        #expect(report.recognition?.dimensions.mapValues(\.value) == ["width": 2, "blocks": 2])
        let x = Tensor([1, 2] as [Float], shape: [1, 2])
        let runner = try ModelRunner(model)
        let outputs = try runner.run(["x": x])
        // The kernel is stored [out, in]: h W = (h0, h0 + h1).
        let first: [Float] = [1 + 2, 2 + 2]
        let second = [first[0] + first[0] + 1, first[1] + first[0] + first[1] - 1]
        #expect(try outputs.outputs["y"]?.floats() == second)
    }

    @Test("what contradicts it is found")
    func contradictions() throws {
        let library = try library()
        let deep = try folder(depth: 3)
        let deeper = try HuggingFaceReader.read(path: deep.path, library: library)
        let missing = try Validator(library: library).validate(deeper).findings
        #expect(missing.map(\.layer) == ["layers.2"])
        let wide = try folder(bias: [1, 2, 3])
        let wider = try HuggingFaceReader.read(path: wide.path, library: library)
        let wrong = try Validator(library: library).validate(wider).findings
        #expect(wrong.map(\.layer) == ["layers.0.dense.bias", "layers.1.dense.bias"])
        #expect(wrong.first?.witnesses == ["config.json: toy_width", "layers.0.dense.bias axis 0"])
    }
}
