// Shape rules on symbols, integers that are known before running, and what they refuse.

import AssayGraph
import AssayTensors
import Testing

@testable import AssayOperators

private let batch = Dimension.symbolic("batch")
private let length = Dimension.symbolic("length")

/// The text of the only result's shape.
private func shape(_ operation: any Operator, _ operands: Fact?...) throws -> String {
    try #require(operation.infer(operands).first?.shape?.text)
}

private func real(_ extents: Dimension...) -> Fact { Fact(.f32, extents) }

private func integers(_ values: Int...) -> Fact {
    Fact(.i64, [.known(values.count)], integers: values.map { .known($0) })
}

@Suite struct ShapeRuleTests {
    @Test func knownIntegersAreFollowed() throws {
        let extents = Fact(.i64, [2], integers: [batch, 7])
        let ones = integers(1, 1)
        #expect(try Compare(.equal).infer([extents, integers(-1)])[0].integers == [0, 0])
        #expect(try Compare(.less).infer([integers(3, 9), extents])[0].integers == nil)
        let chosen = try Where().infer([Fact(.bool, [2], integers: [1, 0]), ones, extents])
        #expect(chosen[0].integers == [1, 7])
        #expect(try Reduce(.product, axes: [0], keepDimensions: false).infer([integers(2, 3, 4)])[0].integers == [24])
        #expect(try Unary(.negate).infer([integers(2, -3)])[0].integers == [-2, 3])
        #expect(try Fill(shape: [.fixed(2)], value: 5, type: .i64).infer([])[0].integers == [5, 5])
        let stop = Fact(.i64, [1], integers: [length])
        let part = Slice(axes: [1], starts: [0], stops: [nil], steps: [1])
        #expect(try part.infer([real(1, 512), integers(0), stop])[0].shape?.text == "[1, length]")
        // "All" is the largest integer, which is no Double.
        #expect(ReferenceTensor(.i64, [2], [-3, 0x1p63]).fact.integers == [-3, .known(.max)])
        let folded = real(batch * 3, length, 4)
        let unfolded = Reshape([.inferred, .fixed(3), .copied(axis: 1), .fixed(4)])
        #expect(try unfolded.infer([folded])[0].shape?.text == "[batch, 3, length, 4]")
    }

    @Test func expressionsStayShort() {
        func doubled(_ extent: Dimension) -> Dimension { (0..<200).reduce(extent) { sum, _ in sum + sum } }
        #expect(doubled(batch).description.utf8.count < 500)
        #expect(doubled(batch) == doubled(batch))
        #expect(doubled(batch) != doubled(length))
    }

    @Test func symbolsPassThrough() throws {
        let x = real(batch, length, 6)
        #expect(try shape(Binary(.add), x, real(6)) == "[batch, length, 6]")
        #expect(try shape(Binary(.add), x, real(batch, 1, 1)) == "[batch, length, 6]")
        #expect(try shape(Binary(.add), real(length), real(7)) == "[7]")
        #expect(try shape(Transpose(order: [2, 0, 1]), x) == "[6, batch, length]")
        #expect(
            try shape(Reshape([.copied(axis: 0), .copied(axis: 1), .fixed(2), .inferred]), x) == "[batch, length, 2, 3]"
        )
        #expect(try shape(Reshape([.inferred, .fixed(6)]), x) == "[batch * length, 6]")
        #expect(try shape(Reshape([.product(of: 0..<2), .inferred]), x) == "[batch * length, 6]")
        #expect(try shape(Reshape([.copied(axis: 0), .inferred]), real(batch, 4, 6)) == "[batch, 24]")
        #expect(try shape(Concatenate(axis: 1), x, real(batch, 1, 6)) == "[batch, length + 1, 6]")
        #expect(try shape(Slice(axes: [1], starts: [0], stops: [-1], steps: [1]), x) == "[batch, length - 1, 6]")
        #expect(try shape(Slice(axes: [1], starts: [-1], stops: [nil], steps: [-1]), x) == "[batch, length, 6]")
        #expect(try shape(Reduce(.mean, axes: [1], keepDimensions: false), x) == "[batch, 6]")
        #expect(
            try shape(Pad(amounts: [[0, 0], [2, 1], [0, 0]], mode: .constant, value: 0), x) == "[batch, length + 3, 6]")
        #expect(try shape(MatMul(), x, real(6, 4)) == "[batch, length, 4]")
        #expect(try shape(MatMul(transposeB: true), x, x) == "[batch, length, length]")
        #expect(try shape(Einsum(equation: "abc,cde->abde"), x, real(6, 2, 3)) == "[batch, length, 2, 3]")
        #expect(try shape(Embedding(), Fact(.i32, [batch, length]), real(10, 4)) == "[batch, length, 4]")
        #expect(try shape(Tile(repeats: [1, 2, 1]), x) == "[batch, length * 2, 6]")
        #expect(try shape(Softmax(axes: [-1]), x, Fact(.bool, [batch, 1, 6])) == "[batch, length, 6]")
    }

    @Test func shapeArithmeticFolds() throws {
        let x = real(batch, length, 6)
        let extents = try #require(try ShapeOf().infer([x]).first)
        let first = try #require(try Gather(axis: 0).infer([extents, integers(0)]).first)
        let last = try #require(
            try Slice(axes: [0], starts: [-1], stops: [nil], steps: [1]).infer([extents]).first)
        let heads = try #require(try Binary(.floorDivide).infer([last, integers(2)]).first)
        let target = try #require(try Concatenate(axis: 0).infer([first, integers(-1, 2), heads]).first)
        #expect(target.integers?.text == "[batch, -1, 2, 3]")
        #expect(try shape(Reshape([]), x, target) == "[batch, length, 2, 3]")
        let counted = try #require(try NumberRange().infer([integers(0), integers(5), integers(2)]).first)
        #expect(counted.integers?.text == "[0, 2, 4]")
        let cast = try #require(try Cast(.i32).infer([counted]).first)
        #expect(cast.integers == counted.integers)
    }

    @Test func typesMeet() {
        #expect(ElementType.promoted(.i32, .f32) == .f32)
        #expect(ElementType.promoted(.bool, .i8) == .i8)
        #expect(ElementType.promoted(.f16, .bf16) == .f32)
        #expect(ElementType.promoted(.f16, .f64) == .f64)
        #expect(ElementType.promoted(.u8, .i64) == .i64)
    }

    /// Operations on operands that cannot fit; a file may hold any of them.
    @Test(
        arguments: [
            (Binary(.add), [real(3), real(4)]), (Binary(.add), [real(3)]), (MatMul(), [real(3, 4), real(5, 6)]),
            (MatMul(), [real(), real(3)]), (Transpose(order: [0, 0]), [real(3, 4)]),
            (Transpose(order: [0]), [real(3, 4)]),
            (Transpose(order: [0, .min]), [real(3, 4)]), (Reshape([.fixed(5)]), [real(3, 4)]),
            (Reshape([.fixed(-3), .inferred]), [real(3, 4)]), (Reshape([.inferred, .inferred]), [real(3, 4)]),
            (Reshape([.fixed(.max), .fixed(.max)]), [real(3, 4)]), (Reshape([.copied(axis: 7)]), [real(3, 4)]),
            (Reshape([.product(of: 1..<9)]), [real(3, 4)]), (Reshape([]), [real(3, 4), integers(-1, -1)]),
            (Squeeze(axes: [0]), [real(3, 4)]), (ExpandDims(axes: [5]), [real(3, 4)]), (Concatenate(axis: 0), []),
            (Concatenate(axis: 0), [real(3, 4), real(3, 5)]), (Concatenate(axis: 2), [real(3, 4)]),
            (Slice(axes: [0], starts: [0], stops: [nil], steps: [0]), [real(3)]),
            (Slice(axes: [0], starts: [], stops: [nil], steps: [1]), [real(3)]),
            (Pad(amounts: [[1]], mode: .constant, value: 0), [real(3)]),
            (Pad(amounts: [[-2, -2]], mode: .constant, value: 0), [real(3)]),
            (Pad(amounts: [[3, 0]], mode: .reflect, value: 0), [real(3)]),
            (Pad(amounts: [[.max, .max]], mode: .constant, value: 0), [real(3)]),
            (Split(axis: 0, sizes: [1, 1]), [real(3)]), (Split(axis: 0, sizes: [.max, .max]), [real(3)]),
            (Tile(repeats: [-1]), [real(3)]), (Einsum(equation: "ab,bc->ac"), [real(3, 4)]),
            (Einsum(equation: "ab,bc->ac"), [real(3, 4), real(5, 6)]), (Einsum(equation: "a->b"), [real(3)]),
            (Einsum(equation: "a.b->a"), [real(3, 4)]), (Einsum(equation: "ab->aa"), [real(3, 4)]),
            (Embedding(), [Fact(.i32, [3]), real(3)]), (Gather(axis: 2), [real(3, 4), integers(0)]),
            (LayerNormalization(axes: [-1], epsilon: 1e-3), [real(3, 4), real(3)]),
            (LayerNormalization(axes: [1, -1], epsilon: 1e-3), [real(3, 4)]),
            (BatchNormalization(axis: -1, epsilon: 1e-3), [real(3, 4), nil, nil, real(3), real(4)]),
            (GroupNormalization(groups: 3, axis: -1, epsilon: 1e-3), [real(3, 4)]),
            (GroupNormalization(groups: 0, axis: -1, epsilon: 1e-3), [real(3, 4)]),
            (Softmax(axes: [0, 0]), [real(3)]), (Softmax(axes: [0]), [real(3), Fact(.bool, [2])]),
            (Reduce(.max, axes: [0], keepDimensions: false), [real(0, 3)]), (OneHot(depth: -1), [Fact(.i32, [3])]),
            (NumberRange(), [integers(0), integers(5), integers(0)]),
            (NumberRange(), [integers(.min), integers(5), integers(1)]),
            (Triangle(upper: true, diagonal: .min), [real(3, 3)]),
            (TopK(count: 5), [real(3)]),
            (GatherND(batchDimensions: 3), [real(3, 4), Fact(.i64, [2, 1])]), (BandPart(lower: 0, upper: 0), [real(3)]),
            (BroadcastTo(shape: [.fixed(2)]), [real(3)]), (GatedLinearUnit(axis: 0), [real(3)]),
        ] as [(any Operator, [Fact?])])
    fileprivate func refusesWhatCannotFit(_ operation: any Operator, _ operands: [Fact?]) {
        #expect(throws: AssayError.self) { try operation.infer(operands) }
    }

    @Test func indicesOutsideAreErrors() throws {
        let x = ReferenceTensor(.f32, [3, 2], [0, 1, 2, 3, 4, 5])
        for bad in [Double(3), -4, 1e30] {
            let index = ReferenceTensor(.i64, [1, 1], [bad])
            let nearest = ReferenceTensor(.i64, [1, 1], [max(-4, min(bad, 3))])
            for operation in [Embedding(), Gather(axis: 0), GatherElements(axis: 0), GatherND()] as [any Operator] {
                #expect(throws: AssayError.self) { try operation.reference([index, x].ordered(for: operation)) }
                let test = OperatorCase("outside", operation, [nearest, x].ordered(for: operation))
                #expect(throws: AssayError.self) { try test.fast(Float.self) }
            }
        }
    }
}

extension [ReferenceTensor] {
    /// Index and table in the order of the operator's operands.
    fileprivate func ordered(for operation: any Operator) -> [ReferenceTensor?] {
        operation is Embedding ? [self[0], self[1]] : [self[1], self[0]]
    }
}
