// Shapes: products with overflow checks.

import AssayTensors
import Testing

@Suite("Shape")
struct ShapeTests {
    @Test("counts elements, a scalar has one, a zero extent none")
    func counts() throws {
        #expect(try Shape(checking: [2, 3, 4]).count == 24)
        #expect(try Shape(checking: []).count == 1)
        #expect(try Shape(checking: [5, 0, 7]).count == 0)
        #expect(Shape([2, 3, 4]).strides == [12, 4, 1])
        #expect(Shape([]).description == "scalar")
        #expect(Shape([2, 3]).description == "2 × 3")
    }

    @Test(
        "refuses what no file can hold",
        arguments: [
            [-1], [2, -3], [1 << 54], [1 << 32, 1 << 32], [1 << 62, 0, 1 << 62], [Int](repeating: 1, count: 65),
        ])
    func refuses(_ extents: [Int]) {
        #expect(throws: AssayError.self) { try Shape(checking: extents) }
    }

    @Test("bytes are counted with overflow checks")
    func bytes() throws {
        #expect(try Shape([3, 5]).byteCount(of: .f64) == 120)
        #expect(try Shape([3, 5]).byteCount(of: .bf16) == 30)
    }
}
