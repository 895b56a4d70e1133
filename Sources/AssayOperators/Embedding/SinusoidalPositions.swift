// SinusoidalPositions: positions as sines and cosines of many wavelengths.

import AssayGraph
import AssayTensors
import Glibc

/// Positions as sines and cosines whose wavelengths grow from 2π to 20000π (Vaswani et al. 2017). Values are rounded to
/// Float, since models keep them in a table of floats.
///
/// Operand: positions, integers of any shape. Result: `[…, width]`.
public struct SinusoidalPositions: Operator {
    /// The name in the JSON form.
    public static let name = "SinusoidalPositions"
    /// The formula.
    public static let formula = """
        y[…, s(i)] = sin(p / 10000^(2 i / width)), y[…, c(i)] = cos of the same; s(i) = 2 i, c(i) = 2 i + 1 interleaved, else \
        s(i) = i, c(i) = ⌈width / 2⌉ + i
        """
    /// The extent of the new axis.
    public var width: Int
    /// Whether sines and cosines take turns; else the sines come first.
    public var isInterleaved: Bool

    /// Positions in a space of `width` axes.
    public init(width: Int, isInterleaved: Bool = false) {
        self.width = width
        self.isInterleaved = isInterleaved
    }

    /// One function each.
    public var exactness: Exactness { .rounding }

    /// The shape of the positions with the width behind.
    public func infer(_ operands: [Fact?]) throws(AssayError) -> [Fact] {
        let positions = try require(operands, 0, "the positions")
        guard positions.type.isInteger, (1..<1 << 24).contains(width) else {
            throw mismatch(
                "wrong positions", expected: "integers, and a positive width",
                found: "\(positions.type.displayName), \(width)")
        }
        return [Fact(.f32, positions.shape.map { $0 + [.known(width)] })]
    }

    /// By the definition.
    public func reference(_ operands: [ReferenceTensor?]) throws(AssayError) -> [ReferenceTensor] {
        let (type, shape) = try resultKind(operands)
        let positions = try given(operands, 0)
        let sines = (width + 1) / 2
        return [
            ReferenceTensor(type, shape) { place in
                let column = place[place.count - 1]
                let isSine = isInterleaved ? column % 2 == 0 : column < sines
                let index = isInterleaved ? column / 2 : isSine ? column : column - sines
                let angle = positions[Array(place.dropLast())] / pow(10000, 2 * Double(index) / Double(width))
                return Double(Float(isSine ? sin(angle) : cos(angle)))
            }
        ]
    }

    /// Position by position.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func fast<Scalar: FastScalar>(_ call: FastCall<Scalar>) throws(AssayError) {
        let (positions, y) = (call.operand(0), call.result())
        let (width, isInterleaved) = (width, isInterleaved)
        let sines = (width + 1) / 2
        let wavelengths = (0..<sines).map { pow(10000, 2 * Double($0) / Double(width)) }
        call.threads.forEachPart(positions.count, pieceCost: 32 * width) { places in
            for place in places {
                let row = y.reals + place * width
                for index in 0..<sines {
                    let angle = Double(positions.integers[place]) / wavelengths[index]
                    row[isInterleaved ? 2 * index : index] = Scalar(Float(sin(angle)))
                    let other = isInterleaved ? 2 * index + 1 : sines + index
                    if other < width { row[other] = Scalar(Float(cos(angle))) }
                }
            }
        }
    }
}
