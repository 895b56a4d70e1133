// The small floating-point formats over every bit pattern, against values worked out from the definition of each format.

import AssayTensors
import AssayTestSupport
import CKernels
import Testing

/// A small floating-point format by its definition, with exact arithmetic on integers: value = significand · 2^exponent.
struct SmallFormat: Sendable, CustomStringConvertible {
    let type: ElementType
    let exponentBits: Int
    let mantissaBits: Int
    let hasInfinity: Bool
    let widen: @Sendable (UInt16) -> Float
    let narrow: @Sendable (Double) -> UInt16

    var description: String { type.displayName }
    var bitCount: Int { 1 + exponentBits + mantissaBits }
    var patterns: ClosedRange<UInt16> { 0...UInt16((1 << bitCount) - 1) }
    var signBit: UInt16 { 1 << UInt16(bitCount - 1) }

    static let all = [
        SmallFormat(
            type: .f16, exponentBits: 5, mantissaBits: 10, hasInfinity: true,
            widen: { HalfPrecision.float(fromHalf: $0) }, narrow: { HalfPrecision.half(from: $0) }),
        SmallFormat(
            type: .bf16, exponentBits: 8, mantissaBits: 7, hasInfinity: true,
            widen: { HalfPrecision.float(fromBFloat16: $0) }, narrow: { HalfPrecision.bfloat16(from: $0) }),
        SmallFormat(
            type: .f8e4m3, exponentBits: 4, mantissaBits: 3, hasInfinity: false,
            widen: { HalfPrecision.float(fromE4M3: UInt8($0)) }, narrow: { UInt16(HalfPrecision.e4m3(from: $0)) }),
        SmallFormat(
            type: .f8e5m2, exponentBits: 5, mantissaBits: 2, hasInfinity: true,
            widen: { HalfPrecision.float(fromE5M2: UInt8($0)) }, narrow: { UInt16(HalfPrecision.e5m2(from: $0)) }),
    ]

    /// The value of a pattern by the definition; nil for NaN.
    func value(_ pattern: UInt16) -> Double? {
        let mantissa = Int(pattern) & ((1 << mantissaBits) - 1)
        let exponent = Int(pattern) >> mantissaBits & ((1 << exponentBits) - 1)
        let isLast = exponent == (1 << exponentBits) - 1
        let bias = (1 << (exponentBits - 1)) - 1
        let sign: Double = pattern & signBit == 0 ? 1 : -1
        if isLast, hasInfinity { return mantissa == 0 ? sign * .infinity : nil }
        if isLast, mantissa == (1 << mantissaBits) - 1 { return nil }
        let significand = exponent == 0 ? mantissa : mantissa + (1 << mantissaBits)
        // A product of a small integer and a power of two: exact in Double.
        var value = Double(significand)
        let shift = max(exponent, 1) - bias - mantissaBits
        for _ in 0..<abs(shift) { value = shift < 0 ? value / 2 : value * 2 }
        return sign * value
    }

    /// The finite values that are not negative, ascending, with their patterns.
    var ladder: [(pattern: UInt16, value: Double)] {
        (0..<signBit).compactMap { pattern in
            value(pattern).flatMap { $0.isFinite ? (pattern, $0) : nil }
        }
    }

    /// What lies beyond the largest finite value: infinity, or NaN where the format has none.
    var overflow: UInt16 { hasInfinity ? ladder[ladder.count - 1].pattern + 1 : signBit - 1 }
}

@Suite("Half precision")
struct HalfPrecisionTests {
    @Test("every pattern has the value of its definition", arguments: SmallFormat.all)
    func widening(_ format: SmallFormat) {
        for pattern in format.patterns {
            let found = format.widen(pattern)
            if let value = format.value(pattern) {
                #expect(Double(found) == value && found.sign == (pattern & format.signBit == 0 ? .plus : .minus))
            } else {
                #expect(found.isNaN)
            }
        }
    }

    @Test("every value comes back to its pattern, every NaN to a NaN", arguments: SmallFormat.all)
    func roundTrip(_ format: SmallFormat) {
        for pattern in format.patterns {
            let back = format.narrow(Double(format.widen(pattern)))
            if format.value(pattern) == nil {
                #expect(format.value(back) == nil)
            } else {
                #expect(back == pattern)
            }
        }
    }

    @Test("between neighbours the nearer is taken, in the middle the even one", arguments: SmallFormat.all)
    func midpoints(_ format: SmallFormat) {
        let ladder = format.ladder
        for (lower, upper) in zip(ladder, ladder.dropFirst()) {
            let middle = (lower.value + upper.value) / 2
            let even = lower.pattern % 2 == 0 ? lower.pattern : upper.pattern
            #expect(format.narrow(middle) == even)
            #expect(format.narrow(middle.nextDown) == lower.pattern)
            #expect(format.narrow(middle.nextUp) == upper.pattern)
            #expect(format.narrow(-middle.nextUp) == upper.pattern | format.signBit)
        }
    }

    @Test("beyond the largest value: rounding first, then infinity or NaN", arguments: SmallFormat.all)
    func overflow(_ format: SmallFormat) {
        let last = format.ladder[format.ladder.count - 1]
        let step = last.value - format.ladder[format.ladder.count - 2].value
        let edge = last.value + step / 2
        #expect(format.narrow(edge.nextDown) == last.pattern)
        // At the edge itself the even neighbour is taken, which is the largest value where its pattern is even.
        #expect(format.narrow(edge) == (last.pattern % 2 == 0 ? last.pattern : format.overflow))
        for value in [edge.nextUp, 1e300, .infinity] {
            #expect(format.narrow(value) == format.overflow)
            #expect(format.narrow(-value) == format.overflow | format.signBit)
        }
        #expect(format.narrow(.leastNonzeroMagnitude) == 0 && format.narrow(-.leastNonzeroMagnitude) == format.signBit)
    }

    @Test("binary16 agrees with Swift's Float16")
    func swiftFloat16() {
        for pattern in UInt16.min...UInt16.max {
            let truth = Float16(bitPattern: pattern)
            let found = HalfPrecision.float(fromHalf: pattern)
            #expect(truth.isNaN ? found.isNaN : found == Float(truth))
        }
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<200_000 {
            let value = Double(Float(bitPattern: UInt32(truncatingIfNeeded: generator.next())))
            guard !value.isNaN else { continue }
            #expect(HalfPrecision.half(from: value) == Float16(value).bitPattern)
        }
    }
}

@Suite("Conversion in bulk")
struct ElementConversionTests {
    /// All patterns of a format, at an odd address and with a number of elements that no vector length divides.
    @Test("widens every pattern as the scalar conversion does", arguments: SmallFormat.all)
    func widening(_ format: SmallFormat) throws {
        let patterns = Array(format.patterns) + [1, 2, 3]
        var bytes: [UInt8] = [0]
        for pattern in patterns {
            bytes.append(UInt8(pattern & 0xFF))
            if format.bitCount == 16 { bytes.append(UInt8(pattern >> 8)) }
        }
        let region = try ByteRegion(bytes).slice(1..<bytes.count)
        let tensor = try Tensor(type: format.type, shape: [patterns.count], region: region)
        let floats = try tensor.floats()
        let doubles = try tensor.doubles()
        for (index, pattern) in patterns.enumerated() {
            let truth = format.widen(pattern)
            #expect(truth.isNaN ? floats[index].isNaN : floats[index].bitPattern == truth.bitPattern)
            #expect(truth.isNaN ? doubles[index].isNaN : doubles[index] == Double(truth))
        }
    }

    @Test("narrows doubles and floats once, at and beside every midpoint", arguments: SmallFormat.all)
    func narrowing(_ format: SmallFormat) throws {
        var values: [Double] = [
            .infinity, -.infinity, 1e300, .leastNonzeroMagnitude, 65519.999, 65520, 3.4028235677973366e38,
        ]
        for (lower, upper) in zip(format.ladder, format.ladder.dropFirst()) {
            let middle = (lower.value + upper.value) / 2
            for value in [lower.value, middle.nextDown, middle, middle.nextUp] { values += [value, -value] }
        }
        let narrowed = try Tensor(values, shape: [values.count]).converted(to: format.type)
        #expect(try patterns(narrowed) == values.map(format.narrow))
        let floats = values.map { Float($0) }
        let narrowedFloats = try Tensor(floats, shape: [floats.count]).converted(to: format.type)
        #expect(try patterns(narrowedFloats) == floats.map { format.narrow(Double($0)) })
    }

    @Test("NaN stays NaN, with its sign", arguments: SmallFormat.all)
    func nan(_ format: SmallFormat) throws {
        let values = [Float(bitPattern: 0x7F80_0001), Float(bitPattern: 0xFFFF_FFFF), .nan, -.nan, .signalingNaN]
        for pattern in try patterns(Tensor(values, shape: [5]).converted(to: format.type)) {
            #expect(format.value(pattern) == nil)
        }
        let negative = try patterns(Tensor([-Double.nan], shape: [1]).converted(to: format.type))
        #expect(negative[0] & format.signBit != 0)
    }

    @Test("binary16 without F16C instructions gives the same")
    func oddCounts() {
        // Fewer than eight elements take the path of processors without F16C.
        for pattern in stride(from: UInt16.min, to: .max, by: 1) {
            var bits = pattern
            var value: Float = 0
            assay_half_to_float(&bits, &value, 1)
            let truth = HalfPrecision.float(fromHalf: pattern)
            #expect(truth.isNaN ? value.isNaN : value.bitPattern == truth.bitPattern)
            let middle = Float((Double(truth) + Double(HalfPrecision.float(fromHalf: pattern &+ 1))) / 2)
            for var candidate in [truth, middle, middle.nextUp, middle.nextDown] where !candidate.isNaN {
                assay_float_to_half(&candidate, &bits, 1)
                #expect(bits == HalfPrecision.half(from: Double(candidate)))
            }
        }
    }

    @Test("integers keep their values or are refused")
    func integers() throws {
        let values: [Int64] = [0, 1, -1, 127, -128]
        let tensor = Tensor(values, shape: [5])
        for target in [ElementType.i32, .i16, .i8, .f32, .f64, .f16] {
            #expect(try tensor.converted(to: target).integers() == values.map { Int($0) })
        }
        #expect(throws: AssayError.self) { try tensor.converted(to: .u8) }
        #expect(throws: AssayError.self) { try Tensor([Int64(128)], shape: [1]).converted(to: .i8) }
        #expect(throws: AssayError.self) { try Tensor([Float.nan], shape: [1]).converted(to: .i32) }
        #expect(throws: AssayError.self) { try Tensor([Double(1) * 0x1p64], shape: [1]).converted(to: .u64) }
        #expect(try Tensor([2.9, -2.9], shape: [2]).converted(to: .i8).integers() == [2, -2])
        let large = try Tensor([0x1p63], shape: [1]).converted(to: .u64)
        #expect(try large.converted(to: .f64).doubles() == [0x1p63])
        #expect(throws: AssayError.self) { try large.integers() }
        #expect(throws: AssayError.self) { try large.converted(to: .i64) }
    }

    @Test("64-bit integers are rounded to floats once")
    func wideIntegers() throws {
        // In two steps, by way of Double, the tie would be broken wrongly.
        let value = Int64(1) << 62 + Int64(1) << 38 + 1
        #expect(try Tensor([value], shape: [1]).converted(to: .f32).floats() == [Float(value)])
    }

    private func patterns(_ tensor: Tensor) throws -> [UInt16] {
        let bytes = try tensor.bytes().array
        guard tensor.type.byteCount == 2 else { return bytes.map { UInt16($0) } }
        return (0..<(bytes.count / 2)).map { UInt16(bytes[2 * $0]) | UInt16(bytes[2 * $0 + 1]) << 8 }
    }
}
