// The IR: dimensions, views, and the JSON form.

import AssayGraph
import AssayOperators
import AssayTensors
import OrderedCollections
import Testing

struct DimensionTests {
    @Test func knownExtentsAreComputed() {
        #expect(Dimension.known(7) + 2 == 9)
        #expect(Dimension.known(7) / 2 == 3)
        #expect(Dimension.known(2) - 5 == 0)
    }

    @Test func symbolsStayReadable() {
        let sequence = Dimension.symbolic("sequence")
        #expect((sequence + 1).description == "sequence + 1")
        #expect(((sequence + 1) / 2).description == "(sequence + 1) / 2")
        #expect(sequence * 1 == sequence)
        #expect(sequence - sequence == 0)
        #expect(sequence.isCompatible(with: 5))
        #expect(!Dimension.known(4).isCompatible(with: 5))
    }
}

struct ViewTests {
    private let tensor = Tensor([0, 1, 2, 3, 4, 5] as [Float], shape: [2, 3])

    @Test func viewsMoveElements() throws {
        #expect(try View.transposed(.stored(0), [1, 0]).apply(to: [tensor]).floats() == [0, 3, 1, 4, 2, 5])
        #expect(try View.reversed(.stored(0), axis: 1).apply(to: [tensor]).floats() == [2, 1, 0, 5, 4, 3])
        let slice = View.sliced(.stored(0), axis: 1, start: 1, count: 2)
        #expect(try slice.apply(to: [tensor]).floats() == [1, 2, 4, 5])
        #expect(try slice.apply(to: [tensor]).shape == [2, 2])
        let joined = View.concatenated([.stored(0), .stored(0)], axis: 1)
        #expect(try joined.apply(to: [tensor]).floats() == [0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5])
        #expect(try View.reshaped(.stored(0), [3, 2]).apply(to: [tensor]).shape == [3, 2])
    }

    @Test("there and back is no movement") func viewsAreSimplified() throws {
        let transposed = View.transposed(.stored(0), [1, 0])
        #expect(try View.transposed(transposed, [1, 0]).simplified(for: [[2, 3]]) == .stored(0))
        let flat = View.reshaped(.reshaped(.stored(0), [1, 6]), [6])
        #expect(try flat.simplified(for: [[2, 3]]) == .reshaped(.stored(0), [6]))
        #expect(try View.reshaped(flat, [2, 3]).simplified(for: [[2, 3]]) == .stored(0))
        // A transposition by (1, 2, 0), then by (2, 1, 0): the axes 0, 2, 1 of the first.
        let twice = View.transposed(.transposed(.stored(0), [1, 2, 0]), [2, 1, 0])
        #expect(try twice.simplified(for: [[2, 3, 4]]) == .transposed(.stored(0), [0, 2, 1]))
        #expect(try View.transposed(transposed, [0, 1]).simplified(for: [[2, 3]]) == transposed)
        #expect(throws: AssayError.self) { try View.transposed(transposed, [1, 1]).simplified(for: [[2, 3]]) }
    }

    @Test("what is simplified moves elements to the same places") func simplifiedViewsAreEqual() throws {
        let tensor = Tensor((0..<24).map(Float.init), shape: [2, 3, 4])
        let view = View.reshaped(.transposed(.transposed(.stored(0), [1, 2, 0]), [2, 1, 0]), [8, 3])
        let simple = try view.simplified(for: [tensor.shape])
        #expect(simple != view)
        #expect(try simple.apply(to: [tensor]).isBitEqual(to: view.apply(to: [tensor])))
        #expect(try simple.deferred(over: [tensor]).isBitEqual(to: view.apply(to: [tensor])))
    }

    @Test(arguments: [
        View.stored(1), .transposed(.stored(0), [0, 0]), .transposed(.stored(0), [1, 0, 2]),
        .reshaped(.stored(0), [4]), .sliced(.stored(0), axis: 1, start: 2, count: 2),
        .sliced(.stored(0), axis: 2, start: 0, count: 0), .sliced(.stored(0), axis: 0, start: -1, count: 1),
        .reversed(.stored(0), axis: 5), .concatenated([], axis: 0),
        .concatenated([.stored(0), .transposed(.stored(0), [1, 0])], axis: 0),
    ])
    func viewsThatDoNotFitAreRefused(view: View) {
        #expect(throws: AssayError.self) { try view.apply(to: [tensor]) }
        #expect(throws: AssayError.self) { try view.shape(of: [tensor.shape]) }
    }

    @Test(
        "an element of a view is found where it is stored",
        arguments: [
            View.stored(1), .transposed(.stored(0), [1, 2, 0]), .reshaped(.transposed(.stored(0), [2, 0, 1]), [4, 6]),
            .sliced(.stored(0), axis: 1, start: 1, count: 2), .reversed(.stored(1), axis: 2),
            .concatenated([.stored(0), .sliced(.stored(1), axis: 1, start: 2, count: 1), .stored(1)], axis: 1),
        ])
    func elementsOfViewsHaveAPlace(view: View) throws {
        let stored = [0, 24].map { first in Tensor((first..<first + 24).map(Float.init), shape: [2, 3, 4]) }
        let shapes = stored.map(\.shape)
        let found = try (0..<view.shape(of: shapes).count).map { element in
            let place = try view.place(of: element, in: shapes)
            return try stored[place.tensor].floats()[place.element]
        }
        #expect(try view.apply(to: stored).floats() == found)
    }
}

struct StoredViewTests {
    private let tensor = Tensor((0..<24).map(Float.init), shape: [2, 3, 4])
    private let turned = View.transposed(.stored(0), [2, 0, 1])

    @Test func valuesAreComparedWhereverTheirElementsLie() throws {
        let view = StoredView(turned, of: [tensor])
        let moved = StoredView(try view.value())
        #expect(try view.sample() == moved.sample())
        #expect(try view.isBitEqual(to: moved))
        #expect(try view.isBitEqual(to: StoredView(turned, of: [tensor])))
        var values = try tensor.floats()
        values[7] = -values[7]
        let other = StoredView(turned, of: [Tensor(values, shape: tensor.shape)])
        #expect(try !view.isBitEqual(to: other))
        #expect(try !moved.isBitEqual(to: other))
    }

    @Test func flatElementsDoNotKnowTheirShape() throws {
        let other = StoredView(try tensor.reshaped(to: [6, 4]))
        #expect(try !StoredView(tensor).isBitEqual(to: other))
        #expect(try StoredView(tensor).flattened().isBitEqual(to: other.flattened()))
        #expect(try StoredView(tensor).flattened().sample() == other.flattened().sample())
        // One view of two stored shapes is two values.
        let flat = View.reshaped(.transposed(.stored(0), [1, 0]), [24])
        let (tall, wide) = (try tensor.reshaped(to: [12, 2]), try tensor.reshaped(to: [2, 12]))
        #expect(try !StoredView(flat, of: [tall]).isBitEqual(to: StoredView(flat, of: [wide])))
    }
}

struct GraphJSONTests {
    /// A layer with a kernel, used twice, and a constant.
    private func model() throws -> Model {
        var builder = GraphBuilder(rootClassName: "Functional", configuration: ["name": "twice"])
        let x = builder.addInput(name: "x", fact: Fact(.f32, [.symbolic("batch"), 3]))
        let layer = builder.addLayer(name: "dense", className: "Dense", in: builder.graph.root)
        let parameter = builder.addParameter(
            Parameter(
                role: "kernel", path: "dense/kernel", layer: layer, type: .f32, shape: [3, 3], sources: ["dense/k"],
                view: .transposed(.stored(0), [1, 0])))
        let kernel = builder.value(of: parameter)
        var value = x
        for _ in 0..<2 {
            let call = builder.beginCall(of: layer, inputs: [value])
            value = try builder.addOne(Linear(), value, kernel, nil)
            builder.endCall(call, outputs: [value])
        }
        let half = builder.addConstant(Tensor([0.5] as [Float], shape: []))
        let scaled = try builder.addOne(Binary(.multiply), value, half)
        builder.addOutput(name: "dense", value: scaled)
        builder.graph.checkInvariants()
        return Model(
            name: "twice", graph: builder.graph, parameters: builder.parameters,
            tensors: ["dense/k": Tensor([Float](repeating: 1, count: 9), shape: [3, 3])],
            provenance: Provenance(dialect: "test", path: "test"))
    }

    private func read(_ json: JSON, _ model: Model) throws -> Model {
        try Model(
            graphJSON: json, tensors: model.tensors, provenance: model.provenance,
            resolver: { OperatorRegistry.type(named: $0) })
    }

    @Test func whatIsWrittenReadsBack() throws {
        let model = try model()
        let json = try #require(try model.graphJSON())
        let again = try read(JSON(parsing: json.text()), model)
        #expect(try again.graphJSON() == json)
        let graph = try again.requireGraph()
        #expect(graph.layers[1].calls.count == 2)
        #expect(graph[graph.outputs[0].value].fact.shape == [.symbolic("batch"), 3])
        #expect(again.parameters[0].view == .transposed(.stored(0), [1, 0]))
    }

    @Test(arguments: [
        ("\"layer\":1", "\"layer\":9"), ("\"operands\":[0,1", "\"operands\":[7,1"), ("\"parent\":0", "\"parent\":5"),
        ("\"operator\":\"Linear\"", "\"operator\":\"Liner\""), ("\"shape\":[3,3]", "\"shape\":[3,4]"),
        ("\"node\":[0,0]", "\"node\":[2,0]"), ("\"version\":1", "\"version\":2"), ("dense/k\"", "dense/other\""),
        ("\"bytes\":\"0000003f\"", "\"bytes\":\"0000\""), ("\"call\":1", "\"call\":4"),
    ])
    func numbersThatPointNowhereAreRefused(original: String, replacement: String) throws {
        let model = try model()
        let text = try #require(try model.graphJSON()).text()
        let parts = text.split(separator: original, maxSplits: 1, omittingEmptySubsequences: false)
        try #require(parts.count == 2, "the text has the part that is changed")
        #expect(throws: AssayError.self) { try read(JSON(parsing: parts.joined(separator: replacement)), model) }
    }
}
