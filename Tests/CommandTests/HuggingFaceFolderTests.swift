// Hugging Face folders through the command: what `convert` writes, what it refuses, and that nothing is left behind.

import AssayContainers
import AssayTensors
import AssayTestSupport
import Glibc
import Testing

@Suite("Hugging Face folders by the command")
struct HuggingFaceFolderTests {
    private let home = TemporaryFolder()
    private let bert = Fixtures.folder + "/hf-bert-mlm"

    @Test("a folder holds configuration and weights") func folder() throws {
        let result = BuiltCommand.run("convert", bert, home.file("tf/"), "--to", "hf-tf-h5")
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.contains("tensors equal bit for bit"))
        #expect(home.names == ["tf"])
        #expect(Fixtures.names(in: home.file("tf")) == ["config.json", "generation_config.json", "tf_model.h5"])
        let root = try HDF5File.open(path: home.file("tf/tf_model.h5")).root
        #expect(root.attributes["layer_names"]?.strings == ["bert", "mlm___cls"])
        #expect(root.attributes["backend"]?.string == "tensorflow")
        #expect(try root.group("top_level_model_weights").attributes["weight_names"]?.shape == [0])
        let names = try #require(try root.group("mlm___cls").attributes["weight_names"]?.strings)
        #expect(names.contains("tf_bert_for_masked_lm/bert/embeddings/word_embeddings/weight:0"))
    }

    @Test("a plan shows names and views, and does nothing") func plan() throws {
        let result = BuiltCommand.run("convert", bert, home.file("tf"), "--to", "hf-tf-h5", "--plan", "--json")
        #expect(result.status == 0, "\(result.errors)")
        let tensors = try #require(try result.json()["tensors"]?.array)
        let kernel = try #require(
            tensors.first {
                $0["name"]?.string == "bert/tf_bert_for_masked_lm/bert/encoder/layer_._0/intermediate/dense/kernel:0"
            })
        #expect(kernel["from"] == ["bert.encoder.layer.0.intermediate.dense.weight"])
        #expect(kernel["moved"] == "transposed by [1, 0]" && kernel["shape"] == [12, 22])
        #expect(try result.json()["left_out"] == [])
        #expect(home.names.isEmpty)
    }

    @Test("weights go beside what a folder has already") func beside() throws {
        #expect(BuiltCommand.run("convert", bert, home.file("both"), "--to", "hf-safetensors").status == 0)
        let result = BuiltCommand.run("convert", home.file("both"), home.file("both/tf_model.h5"))
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.contains("hf-tf-h5"))
        let names = ["config.json", "generation_config.json", "model.safetensors", "tf_model.h5"]
        #expect(Fixtures.names(in: home.file("both")) == names)
        // Without a configuration beside it, the name is that of a plain file.
        let plain = BuiltCommand.run("convert", bert, home.file("model.safetensors"))
        #expect(plain.status == 0 && plain.output.contains(": safetensors,"), "\(plain.errors)")
    }

    @Test("a folder that holds anything else stays as it is") func refused() throws {
        #expect(mkdir(home.file("tf"), 0o700) == 0)
        _ = try home.write([1], to: "tf/mine")
        let result = BuiltCommand.run("convert", bert, home.file("tf"), "--to", "hf-tf-h5")
        #expect(result.status == 5)
        #expect(result.errors.contains("mine"))
        #expect(home.names == ["tf"] && Fixtures.names(in: home.file("tf")) == ["mine"])
    }

    @Test("a failure leaves nothing behind") func failure() {
        let result = BuiltCommand.run(
            ["convert", bert, home.file("tf"), "--to", "hf-tf-h5"], prelude: "ulimit -f 2;")
        #expect(result.status == 5)
        #expect(home.names.isEmpty)
    }

    @Test("what is no checkpoint, and standard output, are refused") func wrongUse() throws {
        let tensors = NamedTensors(["a": Tensor([1] as [Float], shape: [1])])
        try SafeTensorsFile.write(tensors, to: home.file("plain.safetensors"))
        let plain = BuiltCommand.run("convert", home.file("plain.safetensors"), home.file("tf"), "--to", "hf-tf-h5")
        #expect(plain.status == 2 && plain.errors.contains("no checkpoint of Hugging Face"))
        let stream = BuiltCommand.run("convert", bert, "-", "--to", "hf-tf-h5")
        #expect(stream.status == 2 && stream.errors.contains("is a folder"))
        #expect(home.names == ["plain.safetensors"])
    }

    @Test("a tensor that the model's class does not have is named") func leftOut() throws {
        var content = try SafeTensorsFile.open(bert + "/model.safetensors")
        content.tensors["cls.seq_relationship.bias"] = Tensor([0.5, 1] as [Float], shape: [2])
        #expect(mkdir(home.file("pt"), 0o700) == 0)
        try SafeTensorsFile.write(content, to: home.file("pt/model.safetensors"))
        _ = try home.write(MappedFile(path: bert + "/config.json").bytes.array, to: "pt/config.json")
        let result = BuiltCommand.run("convert", home.file("pt"), home.file("tf"), "--to", "hf-tf-h5", "--json")
        #expect(try result.json()["left_out"] == ["cls.seq_relationship.bias"])
    }
}
