// Conversion of element types in bulk: exact where the target holds the value, rounded to nearest even where not.

import CKernels

/// Bulk conversions between element types, on bytes whose extent the caller has checked.
public enum ElementConversion {
    /// Widens `count` elements to doubles: exact but for integers beyond 2⁵³, which are rounded to nearest even.
    public static func convert(
        _ source: UnsafeRawBufferPointer, of type: ElementType, toDoubles target: UnsafeMutableBufferPointer<Double>,
        count: Int
    ) {
        precondition(source.count >= count * type.byteCount && target.count >= count)
        switch type {
        case .f64: load(source, as: Double.self, count) { target[$0] = $1 }
        case .f32: load(source, as: Float.self, count) { target[$0] = Double($1) }
        case .f16, .bf16: widenByBlocks(source, of: type, to: target, count: count)
        case .f8e4m3: load(source, as: UInt8.self, count) { target[$0] = Double(SmallFloatTables.e4m3[Int($1)]) }
        case .f8e5m2: load(source, as: UInt8.self, count) { target[$0] = Double(SmallFloatTables.e5m2[Int($1)]) }
        case .i64: load(source, as: Int64.self, count) { target[$0] = Double($1) }
        case .i32: load(source, as: Int32.self, count) { target[$0] = Double($1) }
        case .i16: load(source, as: Int16.self, count) { target[$0] = Double($1) }
        case .i8: load(source, as: Int8.self, count) { target[$0] = Double($1) }
        case .u64: load(source, as: UInt64.self, count) { target[$0] = Double($1) }
        case .u32: load(source, as: UInt32.self, count) { target[$0] = Double($1) }
        case .u16: load(source, as: UInt16.self, count) { target[$0] = Double($1) }
        case .u8: load(source, as: UInt8.self, count) { target[$0] = Double($1) }
        case .bool: load(source, as: UInt8.self, count) { target[$0] = $1 == 0 ? 0 : 1 }
        }
    }

    /// Converts `count` elements to floats, rounded once, to nearest even.
    public static func convert(
        _ source: UnsafeRawBufferPointer, of type: ElementType, toFloats target: UnsafeMutableBufferPointer<Float>,
        count: Int
    ) {
        precondition(source.count >= count * type.byteCount && target.count >= count)
        guard let base = target.baseAddress, let bytes = source.baseAddress else { return }
        switch type {
        case .f64: load(source, as: Double.self, count) { target[$0] = Float($1) }
        case .f32: UnsafeMutableRawPointer(base).copyMemory(from: bytes, byteCount: 4 * count)
        case .f16: assay_half_to_float(bytes, base, count)
        case .bf16: assay_bfloat16_to_float(bytes, base, count)
        case .f8e4m3: load(source, as: UInt8.self, count) { target[$0] = SmallFloatTables.e4m3[Int($1)] }
        case .f8e5m2: load(source, as: UInt8.self, count) { target[$0] = SmallFloatTables.e5m2[Int($1)] }
        case .i64: load(source, as: Int64.self, count) { target[$0] = Float($1) }
        case .i32: load(source, as: Int32.self, count) { target[$0] = Float($1) }
        case .i16: load(source, as: Int16.self, count) { target[$0] = Float($1) }
        case .i8: load(source, as: Int8.self, count) { target[$0] = Float($1) }
        case .u64: load(source, as: UInt64.self, count) { target[$0] = Float($1) }
        case .u32: load(source, as: UInt32.self, count) { target[$0] = Float($1) }
        case .u16: load(source, as: UInt16.self, count) { target[$0] = Float($1) }
        case .u8: load(source, as: UInt8.self, count) { target[$0] = Float($1) }
        case .bool: load(source, as: UInt8.self, count) { target[$0] = $1 == 0 ? 0 : 1 }
        }
    }

    /// Narrows floats to one of the small floating-point types, rounded once, to nearest even.
    public static func narrow(
        _ values: UnsafeBufferPointer<Float>, to type: ElementType, into target: UnsafeMutableRawBufferPointer
    ) {
        precondition(target.count >= values.count * type.byteCount)
        switch type {
        case .f16: assay_float_to_half(values.baseAddress, target.baseAddress, values.count)
        case .bf16: assay_float_to_bfloat16(values.baseAddress, target.baseAddress, values.count)
        case .f8e4m3:
            for (index, value) in values.enumerated() { target[index] = HalfPrecision.e4m3(from: Double(value)) }
        case .f8e5m2:
            for (index, value) in values.enumerated() { target[index] = HalfPrecision.e5m2(from: Double(value)) }
        default: preconditionFailure("\(type) is no small floating-point type")
        }
    }

    /// Narrows doubles to one of the small floating-point types, rounded once, to nearest even.
    public static func narrow(
        _ values: UnsafeBufferPointer<Double>, to type: ElementType, into target: UnsafeMutableRawBufferPointer
    ) {
        precondition(target.count >= values.count * type.byteCount)
        switch type {
        case .f8e4m3: for (index, value) in values.enumerated() { target[index] = HalfPrecision.e4m3(from: value) }
        case .f8e5m2: for (index, value) in values.enumerated() { target[index] = HalfPrecision.e5m2(from: value) }
        default:
            // By way of floats that are rounded to odd, which spoils no second rounding.
            forEachBlock(of: values.count) { block, floats in
                let source = UnsafeBufferPointer(rebasing: values[block])
                assay_double_to_odd_float(source.baseAddress, floats.baseAddress, block.count)
                let bytes = (block.lowerBound * type.byteCount)..<(block.upperBound * type.byteCount)
                narrow(
                    UnsafeBufferPointer(rebasing: floats[..<block.count]), to: type,
                    into: UnsafeMutableRawBufferPointer(rebasing: target[bytes]))
            }
        }
    }

    /// Widens half-precision elements to doubles by way of floats, which hold them.
    private static func widenByBlocks(
        _ source: UnsafeRawBufferPointer, of type: ElementType, to target: UnsafeMutableBufferPointer<Double>,
        count: Int
    ) {
        forEachBlock(of: count) { block, floats in
            let bytes = (block.lowerBound * type.byteCount)..<(block.upperBound * type.byteCount)
            convert(UnsafeRawBufferPointer(rebasing: source[bytes]), of: type, toFloats: floats, count: block.count)
            for (index, element) in block.enumerated() { target[element] = Double(floats[index]) }
        }
    }

    /// Calls `body` with blocks of indices below `count`, and memory for as many floats.
    private static func forEachBlock(
        of count: Int, _ body: (Range<Int>, UnsafeMutableBufferPointer<Float>) -> Void
    ) {
        let blockSize = 1024
        withUnsafeTemporaryAllocation(of: Float.self, capacity: blockSize) { floats in
            for start in stride(from: 0, to: count, by: blockSize) {
                body(start..<min(start + blockSize, count), floats)
            }
        }
    }

    @inline(__always)
    private static func load<Element: BitwiseCopyable>(
        _ source: UnsafeRawBufferPointer, as type: Element.Type, _ count: Int, _ body: (Int, Element) -> Void
    ) {
        for index in 0..<count {
            body(
                index,
                source.loadUnaligned(fromByteOffset: index * MemoryLayout<Element>.stride, as: Element.self))
        }
    }
}

/// The values of all bytes of the 8-bit formats.
private enum SmallFloatTables {
    static let e4m3 = (0...UInt8.max).map(HalfPrecision.float(fromE4M3:))
    static let e5m2 = (0...UInt8.max).map(HalfPrecision.float(fromE5M2:))
}
