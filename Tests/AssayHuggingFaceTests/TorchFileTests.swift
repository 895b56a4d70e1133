// PyTorch checkpoints: what they hold, and that nothing but tensors comes out of a pickle.

import AssayContainers
import AssayTensors
import AssayTestSupport
import Testing

@Suite("PyTorch checkpoints")
struct TorchFileTests {
    private func read(_ bytes: [UInt8]) throws(AssayError) -> TorchFile { try TorchFile(ByteRegion(bytes)) }

    private func refusal(of bytes: [UInt8]) -> AssayError? {
        do throws(AssayError) {
            _ = try read(bytes)
            return nil
        } catch {
            return error
        }
    }

    /// What Python's own pickle and NumPy read (Tests/Fixtures/hf/expected.py).
    @Test("both formats give the tensors that Python gives", arguments: ["torch-bin", "torch-bin-legacy"])
    func recorded(name: String) throws {
        let folder = Fixtures.folder + "/hf/" + name
        let tensors = try TorchFile.open(folder + "/pytorch_model.bin").content.tensors
        let expected = try NPZFile.open(folder + "/expected.npz").tensors
        #expect(Set(tensors.keys) == Set(expected.keys))
        for (name, tensor) in expected { #expect(try tensors[name]?.isBitEqual(to: tensor) == true, "\(name)") }
    }

    @Test("two names of one storage are tied")
    func tied() throws {
        let file = try TorchFile.open(Fixtures.folder + "/hf/torch-bin/pytorch_model.bin")
        let groups = Set(file.tied.map(Set.init))
        #expect(groups.contains(["bert.embeddings.word_embeddings.weight", "cls.predictions.decoder.weight"]))
    }

    @Test("views of one storage: rows, transposed, with a step, a scalar, empty")
    func views() throws {
        let file = try read(
            TorchCheckpoint.legacy(
                TorchCheckpoint.stateDict([
                    ("rows", TorchTensor(size: [2, 3], strides: [3, 1])),
                    ("transposed", TorchTensor(size: [3, 2], strides: [1, 3])),
                    ("step", TorchTensor(offset: 1, size: [2], strides: [2])),
                    ("scalar", TorchTensor(offset: 5, size: [], strides: [])),
                    ("empty", TorchTensor(offset: 6, size: [0, 4], strides: [4, 1])),
                    ("again", TorchTensor(size: [2, 3], strides: [3, 1])),
                ])))
        let values = try file.content.tensors.mapValues { try $0.doubles() }
        #expect(values["rows"] == [0, 1, 2, 3, 4, 5])
        #expect(values["transposed"] == [0, 3, 1, 4, 2, 5])
        #expect(values["step"] == [1, 3])
        #expect(values["scalar"] == [5])
        #expect(values["empty"] == [])
        #expect(file.tied == [["rows", "again"]])
        let transposed = try #require(file.content.tensors["transposed"])
        let part = try Tensor(type: .f32, shape: [2], region: transposed.part(8..<16))
        #expect(try part.doubles() == [1, 4])
    }

    @Test("a module's state dict: an ordered dictionary of parameters, with versions as an attribute")
    func parametersAndAttributes() throws {
        var pickle = PickleBuilder()
        pickle.global("collections", "OrderedDict")
        pickle.op(")R(")
        pickle.text("weight")
        pickle.global("torch._utils", "_rebuild_parameter")
        pickle.op("(")
        pickle.tensor(TorchTensor(size: [6], strides: [1]))
        pickle.raw([0x88])
        pickle.global("collections", "OrderedDict")
        pickle.op(")RtRu}")
        pickle.text("_metadata")
        pickle.op("Nsb")
        let file = try read(TorchCheckpoint.legacy(pickle.finished))
        #expect(try file.content.tensors["weight"]?.doubles() == [0, 1, 2, 3, 4, 5])
    }

    @Test("every other instruction is refused, by name and offset")
    func refusedInstructions() throws {
        let accepted: [UInt8] =
            Array("NJKMGX(t)]aehjqrcRbQ}su.".utf8) + [0x80, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A]
        let start = TorchCheckpoint.header()
        for byte in UInt8.min...UInt8.max where !accepted.contains(byte) {
            let error = try #require(refusal(of: start + [0x80, 2, byte]))
            #expect(error.code == .unreadable)
            #expect(error.message.contains("refuses the pickle instruction 0x\(String(byte, radix: 16))"))
            #expect(error.location.offset == start.count + 2)
        }
        #expect(refusal(of: start + [0x80, 2, UInt8(ascii: "i")])?.message.contains("INST") == true)
    }

    @Test(
        "every other Python name is refused, by name and offset",
        arguments: [
            ("posix", "system"), ("builtins", "eval"), ("os", "mkdir"), ("torch._utils", "_rebuild_sparse_tensor"),
            ("torch.storage", "UntypedStorage"), ("torch", "load"), ("collections", "Counter"),
            ("torch", "FloatTensor"),
        ])
    func refusedNames(module: String, name: String) throws {
        var pickle = PickleBuilder()
        pickle.global(module, name)
        pickle.text("anything")
        pickle.raw([0x85])
        pickle.op("R")
        let start = TorchCheckpoint.header()
        let error = try #require(refusal(of: start + pickle.finished))
        #expect(error.message.contains("'\(module).\(name)'"))
        #expect(error.location.offset == start.count + 2)
    }

    @Test("a pickle that is no checkpoint says what it wanted to call")
    func barePickle() {
        let text = "cposix\nmkdir\n(S'unpickled'\ntR."
        #expect(refusal(of: Array(text.utf8))?.message.contains("posix.mkdir") == true)
    }

    @Test(
        "views that leave their storage are refused",
        arguments: [
            TorchTensor(size: [7], strides: [1]), TorchTensor(offset: 1, size: [6], strides: [1]),
            TorchTensor(offset: -1, size: [1], strides: [1]), TorchTensor(size: [2], strides: [-1]),
            TorchTensor(size: [3, 3], strides: [1, 1]), TorchTensor(size: [2], strides: [.max]),
            TorchTensor(offset: .max, size: [2], strides: [1]), TorchTensor(size: [-1], strides: [1]),
            TorchTensor(size: [1 << 40, 1 << 40], strides: [0, 0]), TorchTensor(size: [2, 3], strides: [1]),
            TorchTensor(size: [1 << 30], strides: [0]), TorchTensor(offset: 7, size: [0], strides: [1]),
            TorchTensor(count: 7, size: [6], strides: [1]), TorchTensor(count: 5, size: [5], strides: [1]),
            TorchTensor(key: "2", size: [6], strides: [1]), TorchTensor(count: -6, size: [0], strides: [1]),
            TorchTensor(storageType: "DoubleStorage", size: [6], strides: [1]),
        ])
    func wrongViews(tensor: TorchTensor) {
        let bytes = TorchCheckpoint.legacy(TorchCheckpoint.stateDict([("a", tensor)]))
        #expect(refusal(of: bytes)?.code == .unreadable)
    }

    @Test(
        "damaged pickles are one error each",
        arguments: [
            "", ".", "0.", "R.", "Q.", "u.", "t.", "(.", "(u.", "a.", "]s.", "}a.", "h\u{7}.", "})R.", "}}b.", ")}b.",
            "NN.", "X\u{7F}\u{7F}\u{7F}\u{7F}a.", "cname", "cposix\nmkdir", "}(NNNu.", "}NNs.", "Nq", "(q\u{0}.",
        ])
    func damaged(instructions: String) {
        let bytes = TorchCheckpoint.legacy([0x80, 2] + Array(instructions.utf8))
        #expect(refusal(of: bytes)?.code == .unreadable)
    }

    @Test("a dictionary in itself and many tuples in each other do no harm")
    func cyclesAndDepth() {
        var cycle = PickleBuilder()
        cycle.op("}q\u{0}")
        cycle.text("self")
        cycle.op("h\u{0}s")
        cycle.text("a")
        cycle.tensor(TorchTensor(size: [6], strides: [1]))
        cycle.op("s")
        #expect(refusal(of: TorchCheckpoint.legacy(cycle.finished))?.location.object == "self")
        let nested = [0x80, 2, UInt8(ascii: "N")] + [UInt8](repeating: 0x85, count: 200_000) + [UInt8(ascii: ".")]
        #expect(refusal(of: TorchCheckpoint.legacy(nested))?.code == .unreadable)
    }

    @Test("a file cut anywhere, big-endian, or of another protocol is one error")
    func cut() {
        let sound = TorchCheckpoint.legacy(TorchCheckpoint.stateDict([("a", TorchTensor(size: [6], strides: [1]))]))
        #expect(refusal(of: sound) == nil)
        for length in sound.indices { #expect(refusal(of: Array(sound[..<length]))?.code == .unreadable) }
        let state = TorchCheckpoint.stateDict([])
        #expect(
            refusal(of: TorchCheckpoint.legacy(state, isLittleEndian: false))?.message.contains("byte order") == true)
        #expect(refusal(of: TorchCheckpoint.header() + [0x80, 4])?.message.contains("protocol") == true)
    }
}
