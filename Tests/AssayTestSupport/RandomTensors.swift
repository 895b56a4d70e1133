// Random tensors from a seed, the same on every machine.

import AssayTensors

/// SplitMix64, for tests.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// A generator whose numbers depend on `seed` alone.
    public init(seed: UInt64) { state = seed }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

extension Tensor {
    /// A tensor of random bits; booleans are 0 or 1.
    public static func random(_ type: ElementType, _ shape: Shape, seed: UInt64) -> Tensor {
        var generator = SeededGenerator(seed: seed)
        let region = ByteRegion(count: shape.count * type.byteCount) { buffer in
            for index in buffer.indices {
                let byte = UInt8(truncatingIfNeeded: generator.next())
                buffer[index] = type == .bool ? byte & 1 : byte
            }
        }
        guard let tensor = try? Tensor(type: type, shape: shape, region: region) else {
            preconditionFailure("the region was made for the shape")
        }
        return tensor
    }

    /// Floats like trained weights: sums of uniform numbers, small.
    public static func weights(_ shape: Shape, seed: UInt64) -> Tensor {
        var generator = SeededGenerator(seed: seed)
        let values = (0..<shape.count).map { _ in
            (0..<4).reduce(0 as Float) { sum, _ in sum + Float.random(in: -0.02...0.02, using: &generator) }
        }
        return Tensor(values, shape: shape)
    }
}

/// Every bit of both tensors, types and shapes included, is the same.
public func isSame(_ first: Tensor?, _ second: Tensor?) throws(AssayError) -> Bool {
    guard let first, let second else { return false }
    return try first.isBitEqual(to: second)
}
