// Elements of fast values whatever their storage: for copies, and for operands that are small or seldom.

import AssayTensors

extension FastTensor {
    /// Bytes of one element.
    var elementBytes: Int { storage.byteCount(scalarBytes: MemoryLayout<Scalar>.size) }

    /// How many elements lie between neighbours along each axis.
    var strides: [Int] { Shape(shape).strides }

    /// The address of the element at an offset.
    func address(_ offset: Int) -> UnsafeMutableRawPointer { start + offset * elementBytes }

    /// Copies `count` elements of another value with the same storage.
    func copy(_ count: Int, from source: FastTensor, at sourceOffset: Int = 0, to offset: Int = 0) {
        address(offset).copyMemory(from: source.address(sourceOffset), byteCount: count * elementBytes)
    }

    /// Copies `count` elements of another value, converted where its storage is another.
    func convert(_ count: Int, from source: FastTensor, at sourceOffset: Int, to offset: Int) {
        if source.storage == storage { return copy(count, from: source, at: sourceOffset, to: offset) }
        for index in 0..<count { set(offset + index, to: source.double(at: sourceOffset + index)) }
    }

    /// One element as a double, exact but for integers beyond 2⁵³.
    func double(at index: Int) -> Double {
        switch storage {
        case .real: Double(reals[index])
        case .integer: Double(integers[index])
        case .boolean: booleans[index] == 0 ? 0 : 1
        }
    }

    /// One element as an integer, cut towards zero; nil where no integer is near.
    func integer(at index: Int) -> Int? {
        switch storage {
        case .real: Int(exactly: reals[index].rounded(.towardZero))
        case .integer: Int(integers[index])
        case .boolean: booleans[index] == 0 ? 0 : 1
        }
    }

    /// Sets one element from a double: cut towards zero in an integer value, whether it is zero in a boolean one.
    func set(_ index: Int, to value: Double) {
        switch storage {
        case .real: reals[index] = Scalar(value)
        case .integer: integers[index] = Int64(saturating: value)
        case .boolean: booleans[index] = value == 0 ? 0 : 1
        }
    }
}

extension Int64 {
    /// The integer nearest to `value` towards zero; the nearest there is beyond the range, zero for NaN.
    init(saturating value: Double) {
        if let exact = Int64(exactly: value.rounded(.towardZero)) {
            self = exact
        } else {
            self = value.isNaN ? 0 : value > 0 ? .max : .min
        }
    }
}
