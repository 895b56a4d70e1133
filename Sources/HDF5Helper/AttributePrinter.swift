// Prints the attributes of an object with their values.

import CHDF5
import Glibc

enum AttributePrinter {
    /// Prints the attributes of `object` by creation or by name.
    static func print(
        attributesOf object: hid_t, byCreation: Bool, into output: inout RecordWriter
    ) throws(HDF5Failure) {
        let names = try names(of: object, byCreation: byCreation)
        output.append(UInt32(names.count))
        for name in names {
            let attribute = try valid(
                name.withUnsafeBufferPointer { H5Aopen(object, $0.baseAddress, 0) }, "opening an attribute")
            defer { H5Aclose(attribute) }
            output.append(text: name)
            try print(attribute, into: &output)
            try output.checkLimit()
        }
    }

    private static func names(of object: hid_t, byCreation: Bool) throws(HDF5Failure) -> [[CChar]] {
        var names: [[CChar]] = []
        let status = withUnsafeMutablePointer(to: &names) { names in
            H5Aiterate2(
                object, byCreation ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME, H5_ITER_INC, nil,
                { _, name, _, context in
                    guard let name, let context else { return -1 }
                    context.assumingMemoryBound(to: [[CChar]].self).pointee.append(
                        Array(UnsafeBufferPointer(start: name, count: strlen(name) + 1)))
                    return 0
                }, names)
        }
        try check(status, "listing attributes")
        return names
    }

    private static func print(_ attribute: hid_t, into output: inout RecordWriter) throws(HDF5Failure) {
        let type = try valid(H5Aget_type(attribute), "reading an attribute's type")
        defer { H5Tclose(type) }
        let space = try Dataspace(closing: H5Aget_space(attribute))
        try DatatypePrinter.print(type, into: &output)
        space.print(into: &output)
        guard let count = space.count else { throw HDF5Failure("an attribute has too many elements") }
        if H5Tis_variable_str(type) > 0 {
            output.append(1 as UInt8)
            try print(stringsOf: attribute, type: type, count: count, into: &output)
        } else if DatatypePrinter.isPlain(type) {
            output.append(0 as UInt8)
            try print(bytesOf: attribute, type: type, count: count, into: &output)
        } else {
            output.append(2 as UInt8)
        }
    }

    private static func print(
        bytesOf attribute: hid_t, type: hid_t, count: Int, into output: inout RecordWriter
    ) throws(HDF5Failure) {
        let (size, overflow) = count.multipliedReportingOverflow(by: H5Tget_size(type))
        guard !overflow, size <= IndexFormat.maximumSize else { throw HDF5Failure("an attribute is too large") }
        guard size > 0 else { return output.append(text: [] as [UInt8]) }
        var value = [UInt8](repeating: 0, count: size)
        try check(H5Aread(attribute, type, &value), "reading an attribute")
        output.append(text: value)
    }

    private static func print(
        stringsOf attribute: hid_t, type: hid_t, count: Int, into output: inout RecordWriter
    ) throws(HDF5Failure) {
        // A string takes 16 bytes of the attribute itself, so more of them than this were never written.
        guard count <= IndexFormat.maximumSize / 16 else { throw HDF5Failure("an attribute is too large") }
        output.append(UInt32(count))
        guard count > 0 else { return }
        let memoryType = try valid(H5Tcopy(hdf5_c_string_type()), "reading an attribute")
        defer { H5Tclose(memoryType) }
        H5Tset_size(memoryType, hdf5_variable_size())
        H5Tset_cset(memoryType, H5Tget_cset(type))
        var strings = [UnsafeMutablePointer<CChar>?](repeating: nil, count: count)
        try check(H5Aread(attribute, memoryType, &strings), "reading an attribute")
        for string in strings { output.append(text: UnsafePointer(string)) }
        let space = H5Aget_space(attribute)
        H5Dvlen_reclaim(memoryType, space, 0, &strings)
        H5Sclose(space)
    }
}
