// Tensors from NPY arrays: in place where row-major and little-endian, rearranged on demand where not.

import AssayTensors

/// Reading one NPY array.
public enum NPYArray {
    /// The tensor that a whole NPY file holds.
    ///
    /// - Throws: `AssayError.unreadable` when it is damaged, or holds what Assay does not load: pickled objects,
    ///   records, text, complex numbers.
    public static func tensor(in bytes: ByteRegion) throws(AssayError) -> Tensor {
        let (header, size) = try NPYHeader.read(bytes)
        return try tensor(header, values: .region(bytes.slice(size..<bytes.count)), count: bytes.count - size)
    }

    /// The tensor of a header and the `count` bytes of values that follow it.
    static func tensor(
        _ header: NPYHeader, values: Tensor.Storage, count: Int
    ) throws(AssayError) -> Tensor {
        let needed = try header.shape.byteCount(of: header.type)
        guard needed == count else {
            throw .unreadable(
                "the values do not fill the shape \(header.shape)", expected: "\(needed) bytes", found: "\(count)")
        }
        let swaps = header.isBigEndian && header.type.byteCount > 1
        let transposes = header.isFortranOrder && header.shape.rank > 1
        if swaps || transposes {
            let source = RearrangedArray.Source(storage: values, byteCount: count)
            return try Tensor(
                type: header.type, shape: header.shape,
                decoder: RearrangedArray(
                    source: source, type: header.type, shape: header.shape,
                    strides: transposes ? header.shape.columnMajorStrides : header.shape.strides, swaps: swaps))
        }
        switch values {
        case .region(let region): return try Tensor(type: header.type, shape: header.shape, region: region)
        case .decoder(let decoder): return try Tensor(type: header.type, shape: header.shape, decoder: decoder)
        }
    }
}

/// The bytes of a decoder from `start` on: an array's values behind its header.
struct DecoderTail: TensorDecoder {
    let base: any TensorDecoder
    let start: Int

    var byteCount: Int { base.byteCount - start }
    var preferredPartSize: Int { max(byteCount, 1) }

    func decode(_ range: Range<Int>, into destination: UnsafeMutableRawBufferPointer) throws(AssayError) {
        try base.decode((range.lowerBound + start)..<(range.upperBound + start), into: destination)
    }
}
