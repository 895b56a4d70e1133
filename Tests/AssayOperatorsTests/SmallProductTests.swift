// Small products of floats: each element is the exact sum, rounded once.

import AssayOperators
import AssayTensors
import AssayTestSupport
import Testing

@Suite struct SmallProductTests {
    /// Sizes up to the largest small product, and some that are not small any more.
    static let sizes = [
        (1, 1, 1), (1, 1, 256), (3, 5, 7), (4, 8, 16), (5, 9, 13), (8, 16, 16), (13, 4, 1), (2, 3, 0), (1, 2048, 1),
    ]

    @Test(arguments: sizes, [(false, false), (false, true), (true, false), (true, true)])
    func isTheExactSumRoundedOnce(_ size: (Int, Int, Int), _ transposed: (Bool, Bool)) throws {
        let (m, n, k) = size
        // Strides are wider than the rows, and what lies between them must not change.
        let (lda, ldb, ldc) = ((transposed.0 ? m : k) + 2, (transposed.1 ? k : n) + 1, n + 3)
        let a = try Tensor.weights([max(1, transposed.0 ? k : m), lda], seed: 1).floats()
        let b = try Tensor.weights([max(1, transposed.1 ? n : k), ldb], seed: 2).floats()
        let before = try Tensor.weights([m, ldc], seed: 3).floats()
        for beta: Float in [0, 1, -0.5] {
            var c = before
            try LinearAlgebra.load()
            Float.matrixProduct(
                transposeA: transposed.0, transposeB: transposed.1, m: m, n: n, k: k, alpha: 2, a, lda: lda, b,
                ldb: ldb, beta: beta, &c, ldc: ldc)
            for row in 0..<m {
                for column in 0..<ldc {
                    var exact = Double(before[row * ldc + column])
                    if column < n {
                        exact *= Double(beta)
                        for index in 0..<k {
                            let left = a[transposed.0 ? index * lda + row : row * lda + index]
                            let right = b[transposed.1 ? column * ldb + index : index * ldb + column]
                            exact += 2 * Double(left) * Double(right)
                        }
                    }
                    let difference = (Double(c[row * ldc + column]) - exact).magnitude
                    #expect(difference <= 0.51 * Double(Float(exact).ulp), "row \(row), column \(column)")
                }
            }
        }
    }
}
