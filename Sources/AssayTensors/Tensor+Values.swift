// Tensors from and to arrays of Swift numbers.

extension Tensor {
    /// A tensor of doubles.
    public init(_ values: [Double], shape: Shape) {
        self.init(copying: values, type: .f64, shape: shape)
    }

    /// A tensor of floats.
    public init(_ values: [Float], shape: Shape) {
        self.init(copying: values, type: .f32, shape: shape)
    }

    /// A tensor of 64-bit integers.
    public init(_ values: [Int64], shape: Shape) {
        self.init(copying: values, type: .i64, shape: shape)
    }

    /// A tensor of 32-bit integers.
    public init(_ values: [Int32], shape: Shape) {
        self.init(copying: values, type: .i32, shape: shape)
    }

    /// A tensor of booleans.
    public init(_ values: [Bool], shape: Shape) {
        self.init(copying: values.map { $0 ? 1 as UInt8 : 0 }, type: .bool, shape: shape)
    }

    private init<Element: BitwiseCopyable>(copying values: [Element], type: ElementType, shape: Shape) {
        precondition(values.count == shape.count, "as many values as the shape has elements")
        let region = ByteRegion(count: values.count * MemoryLayout<Element>.stride) { buffer in
            values.withUnsafeBytes { buffer.copyMemory(from: $0) }
        }
        self.type = type
        self.shape = shape
        self.storage = .region(region)
    }

    /// Every element as a double: exact for all types but integers beyond 2⁵³.
    public func doubles() throws(AssayError) -> [Double] {
        let region = try bytes()
        let count = shape.count
        return region.withUnsafeBytes { source in
            [Double](unsafeUninitializedCapacity: count) { buffer, initialized in
                ElementConversion.convert(source, of: type, toDoubles: buffer, count: count)
                initialized = count
            }
        }
    }

    /// Every element as a float, rounded to nearest even where it does not fit.
    public func floats() throws(AssayError) -> [Float] {
        let region = try bytes()
        let count = shape.count
        return region.withUnsafeBytes { source in
            [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
                ElementConversion.convert(source, of: type, toFloats: buffer, count: count)
                initialized = count
            }
        }
    }

    /// Every element as an integer; floating-point elements are cut towards zero.
    ///
    /// - Throws: `AssayError.unreadable` for an element that no 64-bit integer holds.
    public func integers() throws(AssayError) -> [Int] {
        let region = try bytes()
        switch type {
        case .i64:
            return region.withUnsafeBytes { source in
                (0..<shape.count).map { Int(source.loadUnaligned(fromByteOffset: 8 * $0, as: Int64.self)) }
            }
        case .u64:
            let raw = region.withUnsafeBytes { source in
                (0..<shape.count).map { source.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self) }
            }
            var result: [Int] = []
            for value in raw {
                guard let integer = Int(exactly: value) else { throw .unreadable("integer \(value) is too large") }
                result.append(integer)
            }
            return result
        default:
            var result: [Int] = []
            for value in try doubles() {
                guard let integer = Int(exactly: value.rounded(.towardZero)) else {
                    throw .unreadable("\(value) is not an integer")
                }
                result.append(integer)
            }
            return result
        }
    }
}
