// What the reader makes of a file: parameters, constants, shapes, layers, and what it refuses.

import AssayGraph
import AssayOperators
import AssayTensors
import AssayTestSupport
import Testing

@testable import AssayONNX

@Suite struct ReaderTests {
    /// y = relu(x · W + b), W stored transposed.
    private func dense() throws -> ModelBuilder {
        var builder = ModelBuilder()
        builder.input("x", .f32, [.symbolic("batch"), 3])
        try builder.store("w", floats([1, 2, 3, -4, -5, -6], 2, 3))
        try builder.store("b", floats([0.5, 1]))
        builder.add("Gemm", ["x", "w", "b"], ["h"], name: "/block/dense/Gemm", attributes: [.integer("transB", 1)])
        builder.add("Relu", ["h"], ["y"], name: "/block/Relu")
        builder.output("y", .f32, [.symbolic("batch"), 2])
        return builder
    }

    @Test func runsAndNamesThingsAsTheFileDoes() throws {
        let model = try dense().read()
        #expect(try model.result(["x": floats([1, 1, 1, 1, 0, 0], 2, 3)]) == [6.5, 0, 1.5, 0])
        let graph = try model.requireGraph()
        #expect(graph.inputs.map(\.name) == ["x"] && graph.outputs.map(\.name) == ["y"])
        #expect(graph.layers.map(\.path) == ["", "block", "block/dense"])
        #expect(model.parameters.map(\.path) == ["block/dense/kernel", "block/dense/bias"])
        #expect(model.parameters.map(\.sources) == [["w"], ["b"]])
        #expect(model.operatorNames == ["Linear", "Activation"])
        let call = try #require(graph.layer(at: "block/dense").map { graph[$0].calls[0] })
        #expect(call.inputs == graph.inputs.map(\.value))
        #expect(call.outputs == graph.nodes[0].results)
    }

    @Test func theWrapperOfPyTorchIsNoLayer() throws {
        var builder = ModelBuilder()
        builder.model.producerName = "pytorch"
        builder.input("x", .f32, [1, 2])
        builder.add("Relu", ["x"], ["h"], name: "/model/encoder/layer.0/Relu")
        builder.add("Tanh", ["h"], ["y"], name: "/model/pooler/Tanh")
        builder.output("y", .f32, [1, 2])
        let graph = try builder.read().requireGraph()
        #expect(graph.layers.map(\.path) == ["", "encoder", "encoder/layer", "encoder/layer/0", "pooler"])
    }

    @Test func nodesWithoutScopesAreLayers() throws {
        var builder = ModelBuilder()
        builder.input("x", .f32, [1, 2])
        try builder.store("w", floats([1, 2, 3, 4], 2, 2))
        try builder.store("b", floats([1, 1]))
        builder.add("MatMul", ["x", "w"], ["product"], name: "/MatMul_7")
        builder.add("Add", ["product", "b"], ["sum"])
        builder.add("Relu", ["sum"], ["y"])
        builder.output("y", .f32, [1, 2])
        let model = try builder.read()
        #expect(model.graph?.layers.map(\.path) == ["", "sum", "y"])
        #expect(model.graph?.layers.map(\.className) == ["ONNX", "Linear", "Activation"])
        #expect(model.parameters.map(\.path) == ["sum/kernel", "sum/bias"])
    }

    @Test func weightsStayWhereTheyLie() throws {
        let folder = TemporaryFolder()
        var builder = try dense()
        let large = Tensor([Float](repeating: 1.5, count: 3 << 16), shape: Shape([3 << 16]))
        try builder.store("unused", large)
        let path = try builder.write(to: folder)
        let bytes = try MappedFile(path: path).bytes
        let file = try ONNXFile(path: path, bytes: bytes)
        let message = try #require(file.message.graph.initializer.last)
        #expect(message.rawData.count == 4, "the message holds a reference in place of the bytes")
        let tensor = try file.tensor(message)
        #expect(try tensor.isBitEqual(to: large))
        let start = bytes.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
        let inside = try tensor.bytes().withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
        #expect(inside > start && inside + UInt(tensor.byteCount) <= start + UInt(bytes.count))
    }

    @Test func typedFieldsAreRead() throws {
        var tensor = ONNXTensorProto()
        tensor.dims = [2]
        let folder = TemporaryFolder()
        let whole = try dense().write(to: folder)
        let file = try ONNXFile(path: whole, bytes: MappedFile(path: whole).bytes)
        tensor.dataType = 10
        tensor.int32Data = [0x3C00, 0xC000]
        #expect(try file.tensor(tensor).doubles() == [1, -2])
        tensor.dataType = 9
        tensor.int32Data = [7, 0]
        #expect(try file.tensor(tensor).doubles() == [1, 0])
        tensor.dataType = 12
        tensor.uint64Data = [5, 4_294_967_295]
        #expect(try file.tensor(tensor).integers() == [5, 4_294_967_295])
        tensor.uint64Data = [5]
        #expect(throws: AssayError.self) { try file.tensor(tensor) }
    }

    @Test func shapesAreFollowedThroughSymbols() throws {
        var builder = ModelBuilder()
        builder.input("x", .f32, [.symbolic("batch"), .symbolic("sequence"), 6])
        try builder.store("zero", Tensor([Int64(0)], shape: []))
        try builder.store("one", integers(1))
        try builder.store("tail", integers(-1, 2))
        builder.add("Shape", ["x"], ["shape"])
        builder.add("Gather", ["shape", "zero"], ["batch"])
        builder.add("Squeeze", ["one", "squeezed"], ["unused"])
        builder.add("Unsqueeze", ["batch", "axes"], ["rows"])
        builder.add("Concat", ["rows", "tail"], ["target"], attributes: [.integer("axis", 0)])
        builder.add("Reshape", ["x", "target"], ["y"])
        try builder.store("axes", integers(0))
        try builder.store("squeezed", integers(0))
        builder.output("y", .f32, [.symbolic("batch"), .symbolic("n"), 2])
        let model = try builder.read()
        let graph = try model.requireGraph()
        #expect(graph[graph.outputs[0].value].fact.shape?.text == "[batch, sequence * 3, 2]")
        #expect(try model.result(["x": floats([1, 2, 3, 4, 5, 6], 1, 1, 6)]) == [1, 2, 3, 4, 5, 6])
    }

    @Test func constantsAreFolded() throws {
        var builder = ModelBuilder()
        builder.input("x", .f32, [2])
        try builder.store("two", Tensor([Float(2)], shape: []))
        builder.add("Sqrt", ["two"], ["root"])
        builder.add("Mul", ["root", "root"], ["square"])
        builder.add("Mul", ["x", "square"], ["y"])
        builder.output("y", .f32, [2])
        let model = try builder.read()
        #expect(model.operatorNames == ["Binary"])
        let result = try model.result(["x": floats([1, -3])])
        #expect(abs(result[0] - 2) < 1e-6 && abs(result[1] + 6) < 1e-6)
    }

    @Test func movedWeightsAreViews() throws {
        var builder = ModelBuilder()
        builder.input("x", .f32, [1, 3])
        try builder.store("w", floats([1, 2, 3, 4, 5, 6], 2, 3))
        builder.add("Transpose", ["w"], ["moved"], attributes: [.integers("perm", [1, 0])])
        builder.add("MatMul", ["x", "moved"], ["y"])
        builder.output("y", .f32, [1, 2])
        let model = try builder.read()
        #expect(model.operatorNames == ["Linear"])
        #expect(model.parameters.map(\.view) == [.stored(0)], "the kernel is used as it lies")
        #expect(try model.result(["x": floats([1, 1, 2], 1, 3)]) == [9, 21])
    }

    @Test func unknownOperatorsAreOpaque() throws {
        var builder = ModelBuilder()
        builder.input("x", .f32, [2])
        builder.add("Frobnicate", ["x"], ["h"], name: "frob")
        builder.add("Relu", ["h"], ["y"])
        builder.output("y", .f32, [2])
        let model = try builder.read()
        #expect(model.operatorNames == ["Opaque", "Activation"])
        let error = #expect(throws: AssayError.self) { try model.result(["x": floats([1, 2])]) }
        #expect(error?.code == .notRunnable)
        #expect(error?.message.contains("Frobnicate") == true)
    }

    @Test func refusesWhatDoesNotHangTogether() throws {
        var cycle = ModelBuilder()
        cycle.input("x", .f32, [2])
        cycle.add("Add", ["x", "b"], ["a"])
        cycle.add("Relu", ["a"], ["b"])
        cycle.output("b", .f32, [2])
        #expect(throws: AssayError.self) { try cycle.read() }
        var twice = ModelBuilder()
        twice.input("x", .f32, [2])
        twice.add("Relu", ["x"], ["y"])
        twice.add("Tanh", ["x"], ["y"])
        twice.output("y", .f32, [2])
        #expect(throws: AssayError.self) { try twice.read() }
        var missing = ModelBuilder()
        missing.input("x", .f32, [2])
        missing.output("y", .f32, [2])
        #expect(throws: AssayError.self) { try missing.read() }
    }

    @Test func misfitsAreDefects() throws {
        var builder = ModelBuilder()
        builder.input("x", .f32, [2, 3])
        builder.add("Transpose", ["x"], ["y"], name: "move", attributes: [.integers("perm", [0, 7])])
        builder.output("y", .f32, [2, 3])
        let model = try builder.read()
        #expect(model.defects.map(\.layer) == ["move"])
        var wrong = ModelBuilder()
        wrong.input("x", .f32, [2, 3])
        wrong.add("Gemm", ["x", "x"], ["y"], attributes: [.text("transB", "yes")])
        wrong.output("y", .f32, [2, 2])
        #expect(try wrong.read().defects.first?.error.message.contains("transB") == true)
    }

    /// The one-file test: an operator that Assay does not have is one lowering and one entry.
    @Test func aToyOperatorIsOneEntry() throws {
        let toy = ONNXOperator("Triple", domain: "com.example") { (call) throws(AssayError) in
            let x = try call.operand(0)
            return [try call.add(Binary(.multiply), x, call.scalar(3, like: x))]
        }
        var builder = ModelBuilder()
        builder.use(1, of: "com.example")
        builder.input("x", .f32, [2])
        builder.add("Triple", ["x"], ["y"], domain: "com.example")
        builder.output("y", .f32, [2])
        #expect(try builder.read(operators: ONNXRegistry.all + [toy]).result(["x": floats([1, -2])]) == [3, -6])
        #expect(try builder.read().operatorNames == ["Opaque"])
    }

    @Test func registryIsSortedAndEveryNameIsThereOnce() {
        let names = ONNXRegistry.all.map { "\($0.name) \($0.domain)" }
        #expect(names == names.sorted())
        #expect(Set(names).count == names.count)
    }
}
