// The links of a group.

import CHDF5
import Glibc

struct Link {
    /// The name, NUL-terminated.
    let name: [CChar]
    let type: H5L_type_t
    /// Where a hard link leads.
    let address: haddr_t?

    /// The links of `group` by creation or by name.
    static func all(of group: hid_t, byCreation: Bool) throws(HDF5Failure) -> [Link] {
        var links: [Link] = []
        let status = withUnsafeMutablePointer(to: &links) { links in
            H5Literate(
                group, byCreation ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME, H5_ITER_INC, nil,
                { _, name, info, context in
                    guard let name, let info, let context else { return -1 }
                    let links = context.assumingMemoryBound(to: [Link].self)
                    guard links.pointee.count < 2 * IndexFormat.maximumObjects else { return -1 }
                    let isHard = info.pointee.type == H5L_TYPE_HARD
                    links.pointee.append(
                        Link(
                            name: Array(UnsafeBufferPointer(start: name, count: strlen(name) + 1)),
                            type: info.pointee.type, address: isHard ? info.pointee.u.address : nil))
                    return 0
                }, links)
        }
        try check(status, "listing a group's members")
        return links
    }

    /// The path or file that a link which is not followed names.
    func target(in group: hid_t) throws(HDF5Failure) -> String {
        guard type == H5L_TYPE_SOFT || type == H5L_TYPE_EXTERNAL else { return "a link of unknown kind" }
        var value = [CChar](repeating: 0, count: 4096)
        let status = name.withUnsafeBufferPointer { name in
            value.withUnsafeMutableBytes { H5Lget_val(group, name.baseAddress, $0.baseAddress, $0.count - 1, 0) }
        }
        try check(status, "reading a link")
        // An external link is a byte of flags, the file's name, and the object's path, each with its NUL.
        let text = type == H5L_TYPE_EXTERNAL ? value.dropFirst() : value[...]
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension RecordWriter {
    /// Appends a NUL-terminated name.
    mutating func append(text name: [CChar]) {
        name.withUnsafeBytes { append(text: UnsafeRawBufferPointer(rebasing: $0.dropLast())) }
    }
}
