// Prints a datatype: all that is needed to say what the stored bytes mean.

import CHDF5

enum DatatypePrinter {
    /// Whether elements of the type are plain bytes that mean something without libhdf5.
    static func isPlain(_ type: hid_t) -> Bool {
        switch H5Tget_class(type) {
        case H5T_INTEGER, H5T_FLOAT, H5T_ENUM, H5T_OPAQUE: true
        case H5T_STRING: H5Tis_variable_str(type) == 0
        default: false
        }
    }

    static func print(_ type: hid_t, into output: inout RecordWriter) throws(HDF5Failure) {
        let size = H5Tget_size(type)
        guard size > 0, let size = UInt32(exactly: size) else { throw HDF5Failure(library: "reading a datatype") }
        func begin(_ number: UInt8) {
            output.append(number)
            output.append(size)
        }
        switch H5Tget_class(type) {
        case H5T_INTEGER:
            begin(0)
            output.append(flag: H5Tget_order(type) == H5T_ORDER_BE)
            output.append(flag: H5Tget_sign(type) == H5T_SGN_2)
            output.append(flag: usesAllBits(type))
        case H5T_FLOAT:
            begin(1)
            try print(float: type, into: &output)
        case H5T_STRING:
            begin(2)
            output.append(flag: H5Tis_variable_str(type) > 0)
            output.append(UInt8(truncatingIfNeeded: H5Tget_strpad(type).rawValue))
            output.append(flag: H5Tget_cset(type) == H5T_CSET_UTF8)
        case H5T_ENUM:
            begin(3)
            try print(enumeration: type, into: &output)
        case H5T_OPAQUE:
            begin(4)
            let tag = H5Tget_tag(type)
            output.append(text: UnsafePointer(tag))
            H5free_memory(tag)
        case let other:
            begin(5)
            output.append(text: name(of: other))
        }
    }

    private static func usesAllBits(_ type: hid_t) -> Bool {
        let order = H5Tget_order(type)
        return H5Tget_precision(type) == 8 * H5Tget_size(type) && H5Tget_offset(type) == 0
            && (order == H5T_ORDER_LE || order == H5T_ORDER_BE)
    }

    private static func print(float type: hid_t, into output: inout RecordWriter) throws(HDF5Failure) {
        output.append(flag: H5Tget_order(type) == H5T_ORDER_BE)
        output.append(flag: usesAllBits(type) && H5Tget_norm(type) == H5T_NORM_IMPLIED)
        var sign = 0
        var exponent = 0
        var exponentBits = 0
        var mantissa = 0
        var mantissaBits = 0
        try check(
            H5Tget_fields(type, &sign, &exponent, &exponentBits, &mantissa, &mantissaBits), "reading a datatype")
        for place in [sign, exponent, exponentBits, mantissa, mantissaBits] {
            output.append(UInt8(clamping: place))
        }
        output.append(UInt32(clamping: H5Tget_ebias(type)))
    }

    private static func print(enumeration type: hid_t, into output: inout RecordWriter) throws(HDF5Failure) {
        let base = try valid(H5Tget_super(type), "reading an enumeration")
        defer { H5Tclose(base) }
        try print(base, into: &output)
        let count = try valid(hid_t(H5Tget_nmembers(type)), "reading an enumeration")
        output.append(UInt32(count))
        for index in 0..<UInt32(count) {
            guard let name = H5Tget_member_name(type, index) else {
                throw HDF5Failure(library: "reading an enumeration")
            }
            output.append(text: UnsafePointer(name))
            H5free_memory(name)
            var value = [UInt8](repeating: 0, count: H5Tget_size(type))
            try check(H5Tget_member_value(type, index, &value), "reading an enumeration")
            output.append(text: value)
        }
    }

    private static func name(of kind: H5T_class_t) -> String {
        switch kind {
        case H5T_COMPOUND: "compound"
        case H5T_REFERENCE: "reference"
        case H5T_VLEN: "variable-length sequence"
        case H5T_ARRAY: "array"
        case H5T_BITFIELD: "bit field"
        case H5T_TIME: "time"
        default: "unknown"
        }
    }
}
