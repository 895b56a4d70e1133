// Products with packed kernels: right by the definition, at any shape, and the same for any number of threads.

import AssayTensors
import AssayTestSupport
import Testing

@testable import AssayOperators

@Suite("Packed kernels")
struct PackedMatrixTests {
    /// Rows, columns and depth: one tile, what is left over of tiles, several depths, several parts.
    static let sizes = [
        (1, 16, 200), (1, 1, 3000), (2, 17, 129), (5, 33, 768), (7, 48, 769), (8, 15, 800), (9, 250, 50),
        (13, 64, 2000),
        (241, 31, 77), (250, 400, 100), (400, 250, 100),
    ]

    @Test("are the definition's sums, wherever their elements lie", arguments: sizes, [false, true])
    func areTheSums(_ size: (Int, Int, Int), _ isTransposed: Bool) throws {
        guard Float.packedKernels != nil else { return }
        let (rows, columns, depth) = size
        let a = try Tensor.weights([rows, depth], seed: 1).floats()
        let b = Tensor.weights([isTransposed ? columns : depth, isTransposed ? depth : columns], seed: 2)
        let bias = try Tensor.weights([columns], seed: 3).floats()
        let shifted = try ByteRegion([0] + b.bytes().array).slice(at: 1, count: b.byteCount)
        let matrix = try #require(
            PackedMatrix<Float>(shifted, depth: depth, columns: columns, isTransposed: isTransposed, threads: .single))
        let values = try b.floats()
        let single = product(a, matrix, bias, rows, .single)
        #expect(product(a, matrix, bias, rows, ThreadPool(threads: 2)) == single)
        for row in 0..<rows {
            for column in 0..<columns {
                var (exact, magnitude) = (Double(bias[column]), Double(bias[column].magnitude))
                for index in 0..<depth {
                    let weight = values[isTransposed ? column * depth + index : index * columns + column]
                    let term = Double(a[row * depth + index]) * Double(weight)
                    (exact, magnitude) = (exact + term, magnitude + term.magnitude)
                }
                // A sum of n terms is off by at most n half units of their magnitudes' sum.
                let bound = Double(depth + 1) * 0x1p-24 * magnitude
                #expect((Double(single[row * columns + column]) - exact).magnitude <= bound, "\(row), \(column)")
            }
        }
    }

    @Test("give nothing for what is summed in another way")
    func smallOnes() {
        let bytes = ByteRegion([UInt8](repeating: 0, count: 16))
        #expect(PackedMatrix<Float>(bytes, depth: 2, columns: 2, isTransposed: false, threads: .single) == nil)
        let wide = ByteRegion([UInt8](repeating: 0, count: 80 * 80 * 8))
        #expect(PackedMatrix<Double>(wide, depth: 80, columns: 80, isTransposed: false, threads: .single) == nil)
    }

    private func product(
        _ a: [Float], _ matrix: PackedMatrix<Float>, _ bias: [Float], _ rows: Int, _ threads: ThreadPool
    ) -> [Float] {
        var result = [Float](repeating: .nan, count: rows * bias.count)
        result.withUnsafeMutableBufferPointer { result in
            guard let start = result.baseAddress else { return }
            Float.sharedPackedProduct(m: rows, a, matrix, bias: bias, start, chain: RowChain(), threads: threads)
        }
        return result
    }
}
