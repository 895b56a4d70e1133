// Whether the order in which links and attributes were made is on record.

import CHDF5

struct CreationOrder {
    let ofLinks: Bool
    let ofAttributes: Bool

    /// What is on record for `object`, a group, dataset or committed datatype.
    init(of object: hid_t, type: H5I_type_t) throws(HDF5Failure) {
        var info = H5O_info_t()
        try check(H5Oget_info2(object, &info, UInt32(H5O_INFO_HDR)), "reading an object's header")
        // Headers of version 1, which most files have, cannot record it, and a property list takes time to make.
        guard info.hdr.version > 1, type == H5I_GROUP || type == H5I_DATASET else {
            (ofLinks, ofAttributes) = (false, false)
            return
        }
        let list = try valid(
            type == H5I_GROUP ? H5Gget_create_plist(object) : H5Dget_create_plist(object),
            "reading an object's properties")
        defer { H5Pclose(list) }
        var links: UInt32 = 0
        if type == H5I_GROUP { try check(H5Pget_link_creation_order(list, &links), "reading an object's properties") }
        var attributes: UInt32 = 0
        try check(H5Pget_attr_creation_order(list, &attributes), "reading an object's properties")
        ofLinks = links & UInt32(H5P_CRT_ORDER_TRACKED) != 0
        ofAttributes = attributes & UInt32(H5P_CRT_ORDER_TRACKED) != 0
    }
}
