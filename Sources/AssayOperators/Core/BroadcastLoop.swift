// The loop of elementwise operators over operands that broadcast: contiguous rows of the result, and where each operand
// stands at their start.

import AssayTensors

/// Rows of a result, over operands that broadcast to it. Along a row an operand moves by `steps`: one, or zero where it
/// is broadcast.
struct BroadcastLoop {
    private let outer: StridedAxes
    private let rowLength: Int
    /// How far each operand moves from one element of a row to the next: one or zero.
    let steps: SIMD4<Int>

    /// The loop for operands of these shapes, at most four.
    init(result: [Int], operands: [[Int]]) {
        var axes = StridedAxes(
            shape: result, strides: operands.map { StridedAxes.broadcastStrides($0, in: result) })
        (rowLength, steps) = axes.popInner()
        outer = axes
    }

    /// Calls `body` for each piece of a row with the offset in the result, the operands' offsets, and its length.
    func forEachRow(_ threads: ThreadPool, _ body: @Sendable (Int, SIMD4<Int>, Int) -> Void) {
        guard rowLength > 0, outer.count > 0 else { return }
        let pieceLength = min(rowLength, 1 << 13)
        let piecesPerRow = (rowLength + pieceLength - 1) / pieceLength
        let (outer, rowLength, steps) = (outer, rowLength, steps)
        threads.forEachPart(outer.count * piecesPerRow, pieceCost: pieceLength) { pieces in
            var row = pieces.lowerBound / piecesPerRow
            var odometer = Odometer(outer, at: row)
            for piece in pieces {
                if piece / piecesPerRow != row {
                    row += 1
                    odometer.advance()
                }
                let first = (piece % piecesPerRow) * pieceLength
                body(
                    row * rowLength + first, odometer.offsets &+ steps &* SIMD4(repeating: first),
                    min(pieceLength, rowLength - first))
            }
        }
    }
}
