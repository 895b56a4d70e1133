// Prints a dataspace, and counts its elements.

import CHDF5

struct Dataspace {
    /// Nil for a null space, which has no elements.
    let extents: [hsize_t]?
    private let isScalar: Bool

    /// The space behind `identifier`, which it closes.
    init(closing identifier: hid_t) throws(HDF5Failure) {
        let space = try valid(identifier, "reading a dataspace")
        defer { H5Sclose(space) }
        switch H5Sget_simple_extent_type(space) {
        case H5S_NULL: (extents, isScalar) = (nil, false)
        case H5S_SCALAR: (extents, isScalar) = ([], true)
        case H5S_SIMPLE:
            var extents = [hsize_t](repeating: 0, count: 32)
            let rank = H5Sget_simple_extent_dims(space, &extents, nil)
            guard rank >= 0, rank <= 32 else { throw HDF5Failure(library: "reading a dataspace") }
            (self.extents, isScalar) = (Array(extents.prefix(Int(rank))), false)
        default: throw HDF5Failure(library: "reading a dataspace")
        }
    }

    /// The number of elements, nil where it is beyond 2⁶³.
    var count: Int? {
        var product = extents == nil ? 0 : 1
        for extent in extents ?? [] {
            guard let extent = Int(exactly: extent) else { return nil }
            let (next, overflow) = product.multipliedReportingOverflow(by: extent)
            guard !overflow else { return nil }
            product = next
        }
        return product
    }

    func print(into output: inout RecordWriter) {
        guard let extents else { return output.append(0 as UInt8) }
        guard !isScalar else { return output.append(1 as UInt8) }
        output.append(2 as UInt8)
        output.append(UInt8(extents.count))
        for extent in extents { output.append(UInt64(extent)) }
    }
}
