// Conversion of element types: exact where the target holds the value, rounded to nearest even where not.

import CKernels

/// Bulk conversions between element types, on bytes whose extent the caller has checked.
public enum ElementConversion {
    /// Widens `count` elements to doubles.
    public static func convert(
        _ source: UnsafeRawBufferPointer, of type: ElementType, toDoubles target: UnsafeMutableBufferPointer<Double>,
        count: Int
    ) {
        precondition(source.count >= count * type.byteCount && target.count >= count)
        switch type {
        case .f64: load(source, as: Double.self, count) { target[$0] = $1 }
        case .f32: load(source, as: Float.self, count) { target[$0] = Double($1) }
        case .f16: load(source, as: UInt16.self, count) { target[$0] = Double(HalfPrecision.float(fromHalf: $1)) }
        case .bf16: load(source, as: UInt16.self, count) { target[$0] = Double(HalfPrecision.float(fromBFloat16: $1)) }
        case .f8e4m3: load(source, as: UInt8.self, count) { target[$0] = Double(HalfPrecision.float(fromE4M3: $1)) }
        case .f8e5m2: load(source, as: UInt8.self, count) { target[$0] = Double(HalfPrecision.float(fromE5M2: $1)) }
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

    /// Converts `count` elements to floats.
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
        case .f8e4m3: load(source, as: UInt8.self, count) { target[$0] = HalfPrecision.float(fromE4M3: $1) }
        case .f8e5m2: load(source, as: UInt8.self, count) { target[$0] = HalfPrecision.float(fromE5M2: $1) }
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

    /// Narrows doubles to a floating-point type or a boolean; integer targets take integers (`Tensor.converted`).
    public static func convert(
        _ values: [Double], to type: ElementType, into target: UnsafeMutableRawBufferPointer
    ) {
        precondition(target.count >= values.count * type.byteCount)
        switch type {
        case .f64: store(values.map { $0 }, target)
        case .f32: store(values.map { Float($0) }, target)
        case .f16: store(values.map { HalfPrecision.half(from: $0) }, target)
        case .bf16: store(values.map { HalfPrecision.bfloat16(from: $0) }, target)
        case .f8e4m3: store(values.map { HalfPrecision.e4m3(from: $0) }, target)
        case .f8e5m2: store(values.map { HalfPrecision.e5m2(from: $0) }, target)
        case .bool: store(values.map { $0 == 0 ? 0 as UInt8 : 1 }, target)
        case .u64: store(values.map { UInt64(exactly: $0.rounded(.towardZero)) ?? 0 }, target)
        default: store(values.map { Int64(exactly: $0.rounded(.towardZero)) ?? 0 }, target)
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

    private static func store<Element: BitwiseCopyable>(
        _ values: [Element], _ target: UnsafeMutableRawBufferPointer
    ) {
        values.withUnsafeBytes { target.copyMemory(from: $0) }
    }
}
