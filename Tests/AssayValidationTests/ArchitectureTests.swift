// The specification: its files, recognition by structure, and contradictions with both witnesses.

import AssayTensors
import OrderedCollections
import Testing

@testable import AssayArchitectures

struct ArchitectureTests {
    /// A layer of a small seed classifier.
    private func layer(_ className: String, _ parameters: OrderedDictionary<String, Shape>) -> LayerSketch {
        LayerSketch(path: className.lowercased(), className: className, parameters: parameters, configuration: [:])
    }

    private var classifier: [LayerSketch] {
        [
            layer("Embedding", ["embeddings": [50, 8]]),
            layer("LSTM", ["kernel": [8, 48], "recurrent_kernel": [12, 48], "bias": [48]]),
            layer(
                "MultiHeadAttention",
                [
                    "query/kernel": [12, 3, 4], "query/bias": [3, 4], "key/kernel": [12, 3, 4], "key/bias": [3, 4],
                    "value/kernel": [12, 3, 5], "value/bias": [3, 5], "attention_output/kernel": [3, 5, 12],
                    "attention_output/bias": [12],
                ]),
            layer("LayerNormalization", ["gamma": [12], "beta": [12]]),
            layer("Dense", ["kernel": [12, 4], "bias": [4]]),
        ]
    }

    @Test func theLibraryHasArchitectures() throws {
        let names = try SpecificationLibrary.builtIn().specifications.map(\.name)
        #expect(names.contains("seed-classifier"))
        #expect(names.contains("transformer-encoder"))
    }

    @Test func dimensionsAreSolved() throws {
        let recognition = try #require(try SpecificationLibrary.builtIn().recognise(classifier))
        #expect(recognition.specification.name == "seed-classifier")
        #expect(recognition.confidence == 1)
        #expect(recognition.contradictions.isEmpty)
        let dimensions = recognition.dimensions.mapValues(\.value)
        #expect(dimensions["vocabulary"] == 50)
        #expect(dimensions["d_model"] == 12)
        #expect(dimensions["heads"] == 3)
        #expect(dimensions["classes"] == 4)
    }

    @Test func contradictionsHaveBothWitnesses() throws {
        var layers = classifier
        layers[3].parameters["gamma"] = [10]
        let recognition = try #require(try SpecificationLibrary.builtIn().recognise(layers))
        let contradiction = try #require(recognition.contradictions.first)
        #expect(contradiction.dimension == "d_model")
        #expect(contradiction.first.value == 12)
        #expect(contradiction.second == Witness(value: 10, place: "layernormalization: gamma axis 0"))
    }

    @Test func relationsAreChecked() throws {
        var layers = classifier
        layers[1].parameters = ["kernel": [8, 36], "recurrent_kernel": [12, 36], "bias": [36]]
        let recognition = try #require(try SpecificationLibrary.builtIn().recognise(layers))
        #expect(recognition.contradictions.map(\.dimension) == ["gates = 4 * d_model"])
    }

    @Test func otherOrdersAreNotRecognised() throws {
        #expect(try SpecificationLibrary.builtIn().recognise(classifier.reversed()) == nil)
        #expect(try SpecificationLibrary.builtIn().recognise([]) == nil)
    }

    /// A toy architecture is one JSON text, and nothing else.
    @Test func aNewArchitectureIsOneFile() throws {
        let toy = try Specification(
            json: JSON(
                parsing: """
                    {"title": "Toy", "source": "a test", "dimensions": {"n": "", "m": "", "blocks": ""},
                     "structure": [{"repeat": [{"role": "map", "classes": ["Dense"],
                                                "parameters": {"kernel": ["n", "n"]}}], "count": "blocks"},
                                   {"role": "end", "classes": ["Dense"], "parameters": {"kernel": ["n", "m"]}}]}
                    """), name: "toy", blocks: [:])
        let layers = [
            layer("Dense", ["kernel": [6, 6]]), layer("Dense", ["kernel": [6, 6]]), layer("Dense", ["kernel": [6, 2]]),
        ]
        let recognition = try #require(SpecificationLibrary([toy]).recognise(layers))
        #expect(recognition.dimensions.mapValues(\.value) == ["n": 6, "m": 2, "blocks": 2])
    }

    @Test(arguments: [
        "[]", "{\"structure\": []}", "{\"structure\": [{\"role\": \"a\"}]}",
        "{\"dimensions\": {}, \"structure\": [{\"role\": \"a\", \"classes\": [\"B\"], \"parameters\": {\"k\": [\"n\"]}}]}",
        "{\"dimensions\": {}, \"constraints\": [\"a = b\"], \"structure\": [{\"role\": \"a\", \"classes\": [\"B\"]}]}",
        "{\"colour\": \"red\", \"structure\": [{\"role\": \"a\", \"classes\": [\"B\"]}]}",
    ])
    func filesThatBreakTheSchemaAreRefused(text: String) {
        #expect(throws: AssayError.self) {
            try Specification(json: JSON(parsing: text), name: "broken", blocks: SpecificationLibrary.builtInBlocks())
        }
    }
}
