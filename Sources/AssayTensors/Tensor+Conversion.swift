// The same values in another element type.

extension Tensor {
    /// The same values as `target`: rounded once, to nearest even, where a floating-point type cannot hold them, and cut
    /// towards zero where an integer type cannot; the tensor itself where the type is the same already.
    ///
    /// - Throws: `AssayError.unreadable` for a value that an integer type has no room for.
    public func converted(to target: ElementType) throws(AssayError) -> Tensor {
        switch target {
        case type: self
        case .f64: Tensor(try doubles(), shape: shape)
        // Every type is rounded to floats in one step.
        case .f32: Tensor(try floats(), shape: shape)
        case .f16, .bf16, .f8e4m3, .f8e5m2: try narrowed(to: target)
        case .bool: Tensor(try doubles().map { $0 != 0 }, shape: shape)
        case .i64: try integerTensor(target, Int64.self)
        case .i32: try integerTensor(target, Int32.self)
        case .i16: try integerTensor(target, Int16.self)
        case .i8: try integerTensor(target, Int8.self)
        case .u64: try integerTensor(target, UInt64.self)
        case .u32: try integerTensor(target, UInt32.self)
        case .u16: try integerTensor(target, UInt16.self)
        case .u8: try integerTensor(target, UInt8.self)
        }
    }

    private func narrowed(to target: ElementType) throws(AssayError) -> Tensor {
        let region: ByteRegion
        if type == .f64 || type.byteCount >= 4 && type.isInteger {
            let values = try doubles()
            region = ByteRegion(count: values.count * target.byteCount) { buffer in
                values.withUnsafeBufferPointer { ElementConversion.narrow($0, to: target, into: buffer) }
            }
        } else {
            // Floats hold the values of all these types.
            let values = try floats()
            region = ByteRegion(count: values.count * target.byteCount) { buffer in
                values.withUnsafeBufferPointer { ElementConversion.narrow($0, to: target, into: buffer) }
            }
        }
        return try Tensor(type: target, shape: shape, region: region)
    }

    private func integerTensor<Element: FixedWidthInteger & BitwiseCopyable>(
        _ target: ElementType, _: Element.Type
    ) throws(AssayError) -> Tensor {
        let values: [Element]
        if type == .u64 {
            values = try elements(UInt64.self).mapOrThrow { Element(exactly: $0) }
        } else if type.isFloatingPoint {
            values = try doubles().mapOrThrow { Element(exactly: $0.rounded(.towardZero)) }
        } else {
            values = try integers().mapOrThrow { Element(exactly: $0) }
        }
        let region = ByteRegion(count: values.count * target.byteCount) { buffer in
            values.withUnsafeBytes { buffer.copyMemory(from: $0) }
        }
        return try Tensor(type: target, shape: shape, region: region)
    }

    private func elements<Element: BitwiseCopyable>(_: Element.Type) throws(AssayError) -> [Element] {
        let count = shape.count
        return try bytes().withUnsafeBytes { source in
            (0..<count).map {
                source.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Element>.stride, as: Element.self)
            }
        }
    }
}

extension Array {
    /// The results of `transform`, which is nil for a value that does not fit.
    fileprivate func mapOrThrow<Result>(_ transform: (Element) -> Result?) throws(AssayError) -> [Result] {
        var results: [Result] = []
        results.reserveCapacity(count)
        for value in self {
            guard let result = transform(value) else {
                throw .unreadable(
                    "a value does not fit the element type", expected: "\(Result.self)", found: "\(value)")
            }
            results.append(result)
        }
        return results
    }
}
