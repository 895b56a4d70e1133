// Made-up inputs: the same for the same seed, of shapes and values that the model takes.

import AssayGraph
import AssayOperators
import AssayTensors
import Testing

@testable import AssayExecution

@Suite("Random inputs")
struct RandomInputsTests {
    @Test("the generator gives SplitMix64's published numbers")
    func generator() {
        var generator = RandomGenerator(seed: 1_234_567)
        #expect(
            (0..<3).map { _ in generator.next() } == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
            ])
    }

    @Test("normal numbers have mean 0 and deviation 1, integers cover their range")
    func distributions() {
        var generator = RandomGenerator(seed: 5)
        let normals = (0..<20_000).map { _ in generator.normal() }
        let mean = normals.reduce(0, +) / 20_000
        let square = normals.reduce(0) { $0 + $1 * $1 } / 20_000
        #expect(abs(mean) < 0.03 && abs(square - 1) < 0.05)
        #expect(Set((0..<1000).map { _ in generator.integer(below: 7) }) == Set(0..<7))
    }

    /// ids `[batch, time]` (also as reals) → table of `rows`, plus a mask of booleans and a vector of reals.
    private func model(idType: ElementType, rows: Int, positions: Int?) throws -> Model {
        var maker = ModelMaker()
        let root = maker.builder.graph.root
        let ids = maker.builder.addInput(name: "ids", fact: Fact(idType, [.symbolic("batch"), .symbolic("time")]))
        let mask = maker.builder.addInput(name: "mask", fact: Fact(.bool, [.symbolic("batch"), .symbolic("time")]))
        let vector = maker.builder.addInput(name: "vector", fact: Fact(.f32, [.symbolic("batch"), 3]))
        let layer = maker.builder.addLayer(name: "embedding", className: "Embedding", in: root)
        let table = maker.parameter("table", [rows, 4], in: layer)
        let flipped = try maker.builder.addOne(Transpose(order: [1, 0]), ids)
        var rowsOfIDs = try maker.builder.addOne(Embedding(), flipped, table)
        if let positions {
            // A table of positions that is added as a whole fits one length alone.
            let table = maker.parameter("positions", [positions, 1, 4], in: layer)
            rowsOfIDs = try maker.builder.addOne(Binary(.add), rowsOfIDs, table)
        }
        maker.builder.addOutput(name: "y", value: rowsOfIDs)
        maker.builder.addOutput(name: "z", value: try maker.builder.addOne(Identity(), vector))
        maker.builder.addOutput(name: "m", value: try maker.builder.addOne(Identity(), mask))
        return maker.model
    }

    @Test("ids lie within their table, masks are booleans, the rest is real", arguments: [ElementType.i32, .f32])
    func domains(idType: ElementType) throws {
        let model = try model(idType: idType, rows: 5, positions: nil)
        let random = try RandomInputs(model)
        var seen: Set<Int> = []
        for seed in 0..<20 as Range<UInt64> {
            let inputs = random.inputs(seed: seed)
            seen.formUnion(try #require(inputs["ids"]).integers())
            let mask = try #require(inputs["mask"])
            #expect(mask.type == .bool)
            #expect(try mask.integers().first == 1)
            _ = try ModelRunner(model).run(inputs)
        }
        #expect(seen == Set(0..<5))
        #expect(random.inputs(seed: 1)["ids"]?.shape == [2, 8])
        #expect(random.inputs(seed: 1)["vector"]?.shape == [2, 3])
    }

    @Test("the same seed gives the same inputs, another seed others")
    func seeds() throws {
        let random = try RandomInputs(model(idType: .i32, rows: 100, positions: nil))
        let first = try #require(random.inputs(seed: 3)["ids"])
        #expect(try first.isBitEqual(to: try #require(random.inputs(seed: 3)["ids"])))
        #expect(try !first.isBitEqual(to: try #require(random.inputs(seed: 4)["ids"])))
    }

    @Test("a symbol takes an extent with which the model's shapes fit")
    func lengths() throws {
        for length in [16, 37] {
            let random = try RandomInputs(model(idType: .i32, rows: 5, positions: length))
            #expect(random.inputs(seed: 1)["ids"]?.shape == [2, length])
        }
    }
}
