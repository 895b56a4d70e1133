// Hugging Face folders: which files are read, what names mean, and what contradicts the configuration.

import AssayContainers
import AssayGraph
import AssayHuggingFace
import AssayTensors
import AssayTestSupport
import OrderedCollections
import Testing

@Suite("Hugging Face folders")
struct HuggingFaceReaderTests {
    static let bert = Fixtures.folder + "/hf/bert"

    /// A copy of the small BERT with a changed configuration and changed tensors.
    private func changed(
        _ changes: OrderedDictionary<String, JSON> = [:], without removed: Set<String> = []
    ) throws(AssayError) -> Model {
        let folder = TemporaryFolder()
        var configuration = try Fixtures.json(Self.bert + "/config.json").object ?? [:]
        configuration.merge(changes) { $1 }
        _ = try folder.write(Array(JSON.object(configuration).text().utf8), to: "config.json")
        var content = try SafeTensorsFile.open(Self.bert + "/model.safetensors")
        for name in removed { content.tensors[name] = nil }
        try SafeTensorsFile.write(content, to: folder.file("model.safetensors"))
        return try HuggingFaceReader.read(path: folder.path)
    }

    @Test("names become modules and roles, and the architecture gives the graph")
    func layers() throws {
        let model = try HuggingFaceReader.read(path: Self.bert)
        #expect(model.name == "BertModel")
        #expect(model.provenance.dialect == "hf-safetensors")
        #expect(model.provenance.attributes["config.json"]?["hidden_size"]?.integer == 6)
        let query = try #require(
            model.parameters.first { $0.path == "encoder/layer/0/attention/self/query/kernel" })
        #expect(query.role == "kernel")
        #expect(query.sources == ["encoder.layer.0.attention.self.query.weight"])
        #expect(model.parameters.count == model.tensors.count)
        #expect(model.defects.isEmpty)
        #expect(try model.requireGraph().outputs.map(\.name) == ["last_hidden_state", "pooler_output"])
    }

    @Test("an architecture that nobody knows has no graph, and the error says why")
    func unknownArchitecture() throws {
        let model = try changed(["model_type": "frobert", "architectures": ["FrobertModel"]])
        #expect(model.parameters.count == model.tensors.count)
        do throws(AssayError) {
            _ = try model.requireGraph()
            Issue.record("a graph")
        } catch {
            #expect(error.code == .notRunnable)
            #expect(error.message.contains("'frobert'"))
        }
    }

    @Test(
        "a folder, and each file in it, is recognised",
        arguments: [
            ("bert", "hf-safetensors", "model.safetensors"),
            ("bert-sharded", "hf-safetensors-sharded", "model.safetensors.index.json"),
            ("tf", "hf-tf-h5", "tf_model.h5"),
            ("torch-bin", "hf-torch-bin", "pytorch_model.bin"),
            ("torch-bin-legacy", "hf-torch-bin", "pytorch_model.bin"),
        ])
    func dialects(name: String, dialect: String, file: String) throws {
        let folder = Fixtures.folder + "/hf/" + name
        for path in [folder, folder + "/", folder + "/" + file] {
            #expect(HuggingFaceReader.recognises(path: path))
            let model = try HuggingFaceReader.read(path: path)
            #expect(model.provenance.dialect == dialect)
            #expect(model.provenance.attributes["weights"]?.string == file)
            #expect(model.defects.isEmpty)
            #expect(!model.tensors.isEmpty)
        }
        let configuration = try HuggingFaceReader.read(path: folder + "/config.json")
        #expect(configuration.provenance.dialect == "hf-config")
        #expect(configuration.tensors.isEmpty)
    }

    @Test("what is no file of a checkpoint is not recognised")
    func others() throws {
        let folder = TemporaryFolder()
        #expect(!HuggingFaceReader.recognises(path: folder.path))
        let path = try folder.write([], to: "model.safetensors")
        #expect(!HuggingFaceReader.recognises(path: path))
        // The configuration of something else, as Keras has it.
        _ = try folder.write(Array(#"{"class_name": "Functional"}"#.utf8), to: "config.json")
        #expect(!HuggingFaceReader.recognises(path: path))
        #expect(!HuggingFaceReader.recognises(path: folder.file("config.json")))
    }

    @Test("of several files with weights, safetensors is read before PyTorch's")
    func precedence() throws {
        let folder = TemporaryFolder()
        let sound = try MappedFile(path: Self.bert + "/model.safetensors").bytes.array
        _ = try folder.write([0], to: "pytorch_model.bin")
        _ = try folder.write(sound, to: "model.safetensors")
        #expect(try HuggingFaceReader.read(path: folder.path).provenance.dialect == "hf-safetensors")
    }

    @Test("both shards of BERT have the tensors of the whole")
    func shards() throws {
        let whole = try HuggingFaceReader.read(path: Self.bert)
        let shards = try HuggingFaceReader.read(path: Self.bert + "-sharded")
        #expect(Set(whole.tensors.keys) == Set(shards.tensors.keys))
        for (name, tensor) in whole.tensors { #expect(try shards.tensors[name]?.isBitEqual(to: tensor) == true) }
    }

    @Test("TensorFlow's variables become modules; one that is stored twice is one parameter")
    func tensorFlow() throws {
        let model = try HuggingFaceReader.read(path: Fixtures.folder + "/hf/tf")
        let paths = model.parameters.map(\.path)
        #expect(paths.contains("bert/encoder/layer/0/attention/self/query/kernel"))
        #expect(paths.contains("cls/predictions/transform/dense/kernel"))
        #expect(Set(paths).count == paths.count)
        #expect(paths.filter { $0 == "bert/embeddings/word_embeddings/table" }.count == 1)
        let tied = try #require(model.provenance.attributes["tied"]?.object)
        #expect(tied.keys.contains { $0.hasPrefix("mlm___cls/") })
    }

    @Test("tied tensors of PyTorch are recorded, and stay tensors")
    func tied() throws {
        let model = try HuggingFaceReader.read(path: Fixtures.folder + "/hf/torch-bin")
        let tied = try #require(model.provenance.attributes["tied"]?.object)
        #expect(tied["cls.predictions.decoder.weight"]?.string == "bert.embeddings.word_embeddings.weight")
        #expect(model.tensors["cls.predictions.decoder.weight"] != nil)
    }

    @Test(
        "numbers that no model has are one error that names the key",
        arguments: [
            ("hidden_size", -6), ("hidden_size", 0), ("hidden_size", nil), ("hidden_size", "6"), ("hidden_size", 1.5),
            ("num_hidden_layers", 1_000_000_000_000), ("num_attention_heads", 0), ("vocab_size", 9.3e18),
            ("n_embd", -1), ("n_head", 0), ("n_layer", 70_000), ("d_model", 0), ("num_heads", [2, 0]), ("dim", true),
            ("encoder_layers", -1), ("decoder_attention_heads", 0), ("d_kv", 0), ("max_position_embeddings", -2),
        ] as [(String, JSON)])
    func wrongNumbers(key: String, value: JSON) throws {
        do throws(AssayError) {
            _ = try changed([key: value])
            Issue.record("read")
        } catch {
            #expect(error.code == .unreadable)
            #expect(error.location.object == key)
        }
    }

    @Test("the configurations of towers are checked too")
    func towers() throws {
        let error = #expect(throws: AssayError.self) { try changed(["text_config": ["hidden_size": 0]]) }
        #expect(error?.location.object == "text_config.hidden_size")
    }

    @Test(
        "what contradicts the configuration is a defect with both witnesses",
        arguments: [
            ("hidden_size", 8, "embeddings.word_embeddings.weight axis 1"),
            ("vocab_size", 12, "embeddings.word_embeddings.weight axis 0"),
            ("max_position_embeddings", 9, "embeddings.position_embeddings.weight axis 0"),
            ("type_vocab_size", 3, "embeddings.token_type_embeddings.weight axis 0"),
            ("num_hidden_layers", 2, "the names encoder.layer.0 to 0"),
            ("num_attention_heads", 4, "config.json: hidden_size"),
        ])
    func contradictions(key: String, value: Int, witness: String) throws {
        let witnesses = try changed([key: .integer(value)]).defects.map(\.witnesses)
        let found = witnesses.contains { $0.contains(witness) && $0.contains("config.json: \(key)") }
        #expect(found, "\(witnesses)")
    }

    @Test("a missing tensor is a defect")
    func missingTensors() throws {
        #expect(try changed(without: ["pooler.dense.weight"]).defects.map(\.layer) == ["pooler.dense.weight"])
    }

    /// A head over the vocabulary whose weight is the embedding's has a bias alone in safetensors.
    @Test("the bias of a tied head is not alone")
    func tiedHead() throws {
        let folder = TemporaryFolder()
        let configuration = try MappedFile(path: Self.bert + "/config.json").bytes.array
        _ = try folder.write(configuration, to: "config.json")
        var content = try SafeTensorsFile.open(Self.bert + "/model.safetensors")
        content.tensors["cls.predictions.decoder.bias"] = .random(.f32, [11], seed: 1)
        try SafeTensorsFile.write(content, to: folder.file("model.safetensors"))
        #expect(try HuggingFaceReader.read(path: folder.path).defects.isEmpty)
    }
}

/// The large collection, where it is there.
@Suite("Hugging Face collection", .enabled(if: Fixtures.collection != nil))
struct HuggingFaceCollectionTests {
    private static let collection = Fixtures.collection ?? "/nowhere"
    static let cases = Fixtures.names(in: collection).filter { $0.hasPrefix("hf-") }
    static let malformedRows = ((try? Fixtures.json(collection + "/malformed/cases.json").array) ?? []).filter {
        $0["path"]?.string?.hasPrefix("hf/") == true
    }

    @Test("every sound file is read without a defect", arguments: cases)
    func sound(name: String) throws {
        let fixture = try FixtureCase(folder: Self.collection + "/" + name)
        for file in fixture.files where file.dialect.hasPrefix("hf-") {
            let model = try HuggingFaceReader.read(path: file.path)
            #expect(model.provenance.dialect == file.dialect)
            #expect(model.defects.isEmpty, "\(file.path): \(model.defects)")
            for tensor in model.tensors.values { _ = try tensor.bytes() }
        }
    }

    @Test(
        "TensorFlow's modules have the paths of PyTorch's",
        arguments: ["bert-base", "bert-mlm", "gpt2-base", "gpt2-lm", "t5-gen", "bart-gen", "vit-base", "clip"])
    func modules(name: String) throws {
        let folder = Self.collection + "/hf-" + name
        let layers = try ["model.safetensors", "tf_model.h5"].map { file in
            let model = try HuggingFaceReader.read(path: folder + "/" + file)
            return Set(model.parameters.map { $0.path.dropLast($0.role.count) })
        }
        #expect(layers[0] == layers[1])
    }

    @Test("malformed folders are refused, or have a defect", arguments: malformedRows)
    func malformed(row: JSON) throws {
        let path = try Self.collection + "/malformed/" + #require(row["path"]?.string)
        do throws(AssayError) {
            let model = try HuggingFaceReader.read(path: path)
            if row["expect"] == "load" { #expect(model.defects.isEmpty) }
            if row["expect"] == "reject" { #expect(!model.defects.isEmpty || model.graph == nil) }
        } catch {
            #expect(error.code == .unreadable)
            #expect(row["expect"] != "load", "\(error)")
        }
    }
}
