// Cases of operators, written once, and the runners that every case goes through.

import AssayGraph
import AssayTensors
import Testing

@testable import AssayOperators

/// One evaluation of an operator.
struct OperatorCase: Sendable, CustomTestStringConvertible {
    /// What is special about it.
    let name: String
    let operation: any Operator
    let operands: [ReferenceTensor?]

    init(_ name: String, _ operation: any Operator, _ operands: [ReferenceTensor?]) {
        self.name = name
        self.operation = operation
        self.operands = operands
    }

    var testDescription: String { "\(operation.name): \(name)" }

    /// What the shape rule says of the results.
    func inferred() throws -> [Fact] {
        try operation.infer(operands.map { $0?.fact })
    }
}

// MARK: Runners

extension OperatorCase {
    /// The results of the fast path as doubles. Results that are not `wanted` are not computed and come back empty.
    func fast<Scalar: FastScalar>(
        _: Scalar.Type, threads: Int = 1, wanted: [Bool]? = nil
    ) throws -> [ReferenceTensor] {
        try LinearAlgebra.load()
        let shapes = try inferred().map { try #require($0.knownShape) }
        let types = try inferred().map(\.type)
        let memory = CaseMemory<Scalar>()
        let inputs = operands.map { $0.map(memory.store) }
        let outputs = zip(types, shapes).enumerated().map { index, result in
            wanted?[index] == false ? nil : memory.reserve(result.0, result.1.extents)
        }
        let workspaceCount = operation.workspaceCount(
            operands.map { $0.map { Shape($0.shape) } }, shapes, threads: threads)
        let workspace = memory.reserve(Scalar.elementType, [workspaceCount + CaseMemory<Scalar>.guardCount])
        try operation.fast(
            FastCall(
                operands: inputs, results: outputs, threads: ThreadPool(threads: threads), workspace: workspace.reals))
        for index in workspaceCount..<workspace.count {
            #expect(workspace.reals[index].isNaN, "the workspace was overrun")
        }
        return outputs.map { $0.map(memory.load) ?? ReferenceTensor(.f32, [0], []) }
    }

    /// Checks shape rule, both precisions and the independence of threads.
    func check() throws {
        let expected = try operation.reference(operands)
        let facts = try inferred()
        #expect(facts.map { $0.knownShape?.extents } == expected.map { Optional($0.shape) }, "shape rule")
        let double = try fast(Double.self)
        let float = try fast(Float.self)
        for index in expected.indices {
            expected[index].expectClose(
                double[index], relative: operation.exactness.doubleBound, "\(name): double, result \(index)")
            expected[index].expectClose(
                float[index], relative: operation.exactness.floatBound, "\(name): float, result \(index)")
        }
        try checkThreads()
    }

    /// Checks that results are equal bit for bit with one, two and three threads.
    func checkThreads() throws {
        let one = try fast(Float.self, threads: 1)
        for threads in 2...3 {
            let several = try fast(Float.self, threads: threads)
            let isEqual = zip(one, several).allSatisfy { first, second in
                first.values.map(\.bitPattern) == second.values.map(\.bitPattern)
            }
            #expect(isEqual, "\(name): \(threads) threads")
        }
    }
}

/// Memory of one fast evaluation. What is reserved is filled with NaN, so that an element that nobody writes is seen.
final class CaseMemory<Scalar: FastScalar> {
    /// Elements behind the workspace that nobody may touch.
    static var guardCount: Int { 64 }
    private var blocks: [UnsafeMutableRawPointer] = []

    deinit { for block in blocks { block.deallocate() } }

    func reserve(_ type: ElementType, _ shape: [Int]) -> FastTensor<Scalar> {
        let count = shape.reduce(1, *)
        let size = max(1, count) * StorageClass(type).byteCount(scalarBytes: MemoryLayout<Scalar>.size)
        let block = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 64)
        block.initializeMemory(as: UInt8.self, repeating: 0xFF, count: size)
        blocks.append(block)
        return FastTensor(type: type, shape: shape, start: block)
    }

    func store(_ tensor: ReferenceTensor) -> FastTensor<Scalar> {
        let stored = reserve(tensor.type, tensor.shape)
        for (index, value) in tensor.values.enumerated() {
            switch stored.storage {
            case .real: stored.reals[index] = Scalar(value)
            case .integer: stored.integers[index] = Int64(value)
            case .boolean: stored.booleans[index] = value == 0 ? 0 : 1
            }
        }
        return stored
    }

    func load(_ tensor: FastTensor<Scalar>) -> ReferenceTensor {
        ReferenceTensor(tensor.type, tensor.shape, (0..<tensor.count).map { tensor.double(at: $0) })
    }
}

// MARK: Comparison and random operands

extension Exactness {
    /// How far the fast path in double may be from the reference.
    var doubleBound: Double { self == .exact ? 0 : 1e-10 }

    /// How far the fast path in float may be from the reference.
    var floatBound: Double {
        switch self {
        case .exact: 0
        case .rounding: 1e-6
        case .accumulating: 2e-5
        }
    }
}

extension ReferenceTensor {
    /// Expects `other` to differ from this value by no more than `relative` times the element or the root mean square.
    func expectClose(_ other: ReferenceTensor, relative: Double, _ what: String) {
        #expect(shape == other.shape, "\(what): shape")
        guard shape == other.shape, count > 0 else { return }
        let finite = values.filter(\.isFinite)
        let square = finite.reduce(0) { $0 + $1 * $1 } / Double(max(1, finite.count))
        let scale = square.squareRoot()
        for (index, (mine, theirs)) in zip(values, other.values).enumerated() {
            let agrees =
                mine == theirs || (mine.isNaN && theirs.isNaN)
                || abs(mine - theirs) <= relative * max(abs(mine), scale)
            guard !agrees else { continue }
            Issue.record("\(what): element \(position(index)) is \(theirs), not \(mine)")
            return
        }
    }
}

/// Random operands with a fixed seed. Reals are floats, so that both precisions see the same numbers.
struct RandomOperands {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    private mutating func next() -> UInt64 {
        // SplitMix64.
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
        return bits ^ bits >> 31
    }

    /// Reals between −`scale` and `scale`.
    mutating func reals(_ shape: [Int], scale: Double = 1) -> ReferenceTensor {
        ReferenceTensor(
            .f32, shape,
            (0..<shape.reduce(1, *)).map { _ in
                Double(Float(scale * (Double(next() >> 11) * 0x1p-52 - 1)))
            })
    }

    /// Booleans that are true with this probability.
    mutating func booleans(_ shape: [Int], probability: Double = 0.6) -> ReferenceTensor {
        ReferenceTensor(
            .bool, shape, (0..<shape.reduce(1, *)).map { _ in Double(next() >> 11) * 0x1p-53 < probability ? 1 : 0 })
    }
}
