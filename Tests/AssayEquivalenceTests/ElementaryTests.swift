// Graphs of different structure: layers against the elementary nodes that exporters make of them.

import AssayGraph
import AssayOperators
import AssayTensors
import Testing

@testable import AssayEquivalence

@Suite("Layers against elementary nodes")
struct ElementaryTests {
    private let network = TestElementary()

    private func verify(_ a: Model, _ b: Model) throws -> EquivalenceReport {
        try Verifier(threads: .single).verify(a, b)
    }

    private func changed(_ change: (inout TestElementary) -> Void) -> TestElementary {
        var other = network
        change(&other)
        return other
    }

    @Test("the same function under another structure is matched by values")
    func sameFunction() throws {
        let report = try verify(network.whole(), network.elementary())
        #expect(report.verdict == .equivalent, "\(report.summary)")
        #expect(report.layers.map(\.matching) == [.values, .values, .values])
        #expect(report.layers.map(\.counterpart) == ["Mul_6", "Add_15", "Add_18"])
        #expect(report.weights.allSatisfy { $0.isBitEqual })
        #expect(try verify(network.elementary(), network.whole()).verdict == .equivalent)
    }

    @Test("a kernel that is stored with its axes exchanged is the same, bit for bit")
    func transposedKernel() throws {
        let report = try verify(network.whole(), changed { $0.isTransposed = true }.elementary())
        #expect(report.verdict == .equivalent, "\(report.summary)")
        #expect(report.weights.allSatisfy { $0.isBitEqual })
    }

    @Test("another epsilon is found at its layer", arguments: [1e-5, 1.1e-3])
    func epsilon(_ epsilon: Double) throws {
        let report = try verify(network.whole(), changed { $0.epsilon = epsilon }.elementary())
        #expect(report.verdict == .different)
        #expect(report.firstLayer == "norm")
        #expect(report.layers.filter(\.isDifferent).count == 1)
    }

    @Test(
        "one unit in the last place is found at its layer",
        arguments: ["dense/kernel", "dense/bias", "norm/gamma", "norm/beta", "out/kernel", "out/bias"])
    func oneUnit(_ name: String) throws {
        let moved = try #require(network.weights[name]?[3]).nextUp
        let other = changed { $0.weights[name]?[3] = moved }
        let report = try verify(network.whole(), other.elementary())
        #expect(report.verdict == .different)
        #expect(report.firstLayer == name.split(separator: "/").first.map(String.init))
        #expect(report.weights.filter { !$0.isBitEqual }.map(\.path) == [name])
    }

    @Test("neurons in another order are the same function")
    func permutedNeurons() throws {
        let order = [3, 1, 7, 0, 2, 6, 5, 4, 9, 8]
        let other = changed { network in
            for name in ["dense/kernel", "dense/bias", "norm/gamma", "norm/beta"] {
                let values = network.weights[name] ?? []
                network.weights[name] = values.indices.map { values[$0 / 10 * 10 + order[$0 % 10]] }
            }
            let values = network.weights["out/kernel"] ?? []
            network.weights["out/kernel"] = values.indices.map { values[order[$0 / 6] * 6 + $0 % 6] }
        }
        let report = try verify(network.whole(), other.elementary())
        #expect(report.verdict == .equivalent, "\(report.summary)")
    }
}

@Suite("Joint graphs")
struct JointGraphTests {
    private func run(_ a: Model, _ b: Model) throws -> JointRun {
        let (a, b) = (try Side(a), try Side(b))
        let ports = try #require(PortPairing(a.graph, b.graph))
        let alignment = try Alignment(a, b, inputs: ports.inputs)
        let x = Tensor((0..<12).map { Double($0) / 7 - 1 }, shape: [2, 6])
        return try JointRun(alignment.a, alignment.b, ports: ports, set: [a.graph.inputs[0].value: x])
    }

    @Test("what is provably the same in both models is one node")
    func sharing() throws {
        let network = TestElementary()
        var run = try run(network.whole(), network.whole())
        let output = try #require(network.whole().graph).outputs[0].value
        let (mine, theirs) = (try run.a(output), try run.b(output))
        #expect(mine == theirs)
        #expect(run.joint.model().graph?.nodes.count == 4)
        #expect(run.joint.model().parameters.count == 6)
    }

    @Test("what differs runs twice, from there on")
    func difference() throws {
        let network = TestElementary()
        var other = network
        other.weights["norm/beta"]?[0] += 1
        var run = try run(network.whole(), other.whole())
        let output = try #require(network.whole().graph).outputs[0].value
        let (mine, theirs) = (try run.a(output), try run.b(output))
        #expect(mine != theirs)
        #expect(run.joint.model().graph?.nodes.count == 6)
        let probe = try #require(try run.compare(mine, theirs))
        let sums = try #require(try run.values(Double.self, [probe], threads: .single)[probe]).differenceSums()
        // Only the last product sees the change: one row of its kernel is added.
        let row = (network.weights["out/kernel"] ?? []).prefix(6).map { Double($0) }
        #expect((sums.squares - 2 * row.reduce(0) { $0 + $1 * $1 }).magnitude < 1e-9)
    }

    @Test("probes compare in order, or as sets")
    func orders() throws {
        let a = Tensor([1, 2, 3, 4] as [Double], shape: [2, 2])
        let b = Tensor([1, 3, 2, 4] as [Double], shape: [2, 2])
        let network = TestElementary()
        var run = try run(network.whole(), network.whole())
        let (left, right) = (run.feed(a, as: .f32), run.feed(b, as: .f32))
        let same = try #require(try run.compare(left, right))
        let other = try #require(try run.compare(left, right, order: .other))
        let found = try run.values(Double.self, [same, other], threads: .single)
        #expect(try #require(found[same]).differenceSums().squares == 2)
        #expect(try #require(found[other]).differenceSums().squares == 0)
    }
}
