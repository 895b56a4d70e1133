// Prints a dataset: type, shape, and where its bytes lie.

import CHDF5

struct DatasetPrinter {
    let dataset: hid_t

    func print(into output: inout RecordWriter) throws(HDF5Failure) {
        let type = try valid(H5Dget_type(dataset), "reading a dataset's type")
        defer { H5Tclose(type) }
        let space = try Dataspace(closing: H5Dget_space(dataset))
        try DatatypePrinter.print(type, into: &output)
        space.print(into: &output)
        try print(layoutOf: type, space, into: &output)
    }

    private func print(
        layoutOf type: hid_t, _ space: Dataspace, into output: inout RecordWriter
    ) throws(HDF5Failure) {
        guard DatatypePrinter.isPlain(type) else { return refuse("elements of this type are not read", &output) }
        if let offset = try contiguousOffset() {
            output.append(2 as UInt8)
            output.append(UInt64(offset))
            output.append(UInt64(H5Dget_storage_size(dataset)))
            return output.append(text: [] as [UInt8])
        }
        // Most datasets do not come here, which saves the time that property lists take.
        let creation = try valid(H5Dget_create_plist(dataset), "reading a dataset's properties")
        defer { H5Pclose(creation) }
        guard H5Pget_external_count(creation) == 0 else {
            return refuse("the data lie in another file, which is not opened", &output)
        }
        try print(layoutBy: creation, type, space, into: &output)
    }

    /// Where the data lie if they are contiguous and were ever written.
    private func contiguousOffset() throws(HDF5Failure) -> haddr_t? {
        let offset = H5Dget_offset(dataset)
        guard offset != IndexFormat.nowhere else { return nil }
        // Behind a user block, libhdf5 1.10 adds the block's size to the address that stands for "nowhere".
        var status = H5D_SPACE_STATUS_ERROR
        try check(H5Dget_space_status(dataset, &status), "reading where a dataset lies")
        return status == H5D_SPACE_STATUS_NOT_ALLOCATED ? nil : offset
    }

    private func print(
        layoutBy creation: hid_t, _ type: hid_t, _ space: Dataspace, into output: inout RecordWriter
    ) throws(HDF5Failure) {
        switch H5Pget_layout(creation) {
        case H5D_COMPACT:
            output.append(1 as UInt8)
            try print(compactOf: type, space, into: &output)
        case H5D_CONTIGUOUS:
            output.append(2 as UInt8)
            output.append(UInt64(IndexFormat.nowhere))
            output.append(0 as UInt64)
            try print(fillOf: type, creation, into: &output)
        case H5D_CHUNKED:
            guard let extents = space.extents, !extents.isEmpty else {
                return refuse("chunks without a shape", &output)
            }
            try ChunkPrinter(dataset: dataset, creation: creation, extents: extents)
                .print(
                    fill: { (output: inout RecordWriter) throws(HDF5Failure) in
                        try print(fillOf: type, creation, into: &output)
                    }, into: &output)
        case H5D_VIRTUAL: refuse("the data lie in other datasets (virtual layout), which are not opened", &output)
        default: throw HDF5Failure(library: "reading a dataset's layout")
        }
    }

    private func refuse(_ reason: String, _ output: inout RecordWriter) {
        output.append(0 as UInt8)
        output.append(text: reason)
    }

    private func print(compactOf type: hid_t, _ space: Dataspace, into output: inout RecordWriter) throws(HDF5Failure) {
        let (size, overflow) = (space.count ?? .max).multipliedReportingOverflow(by: H5Tget_size(type))
        // The format allows 64 KiB.
        guard !overflow, size <= 1 << 16 else { throw HDF5Failure("a compact dataset is too large") }
        guard size > 0 else { return output.append(text: [] as [UInt8]) }
        var value = [UInt8](repeating: 0, count: size)
        try check(H5Dread(dataset, type, 0, 0, 0, &value), "reading a compact dataset")
        output.append(text: value)
    }

    private func print(fillOf type: hid_t, _ creation: hid_t, into output: inout RecordWriter) throws(HDF5Failure) {
        var status = H5D_FILL_VALUE_UNDEFINED
        try check(H5Pfill_value_defined(creation, &status), "reading a fill value")
        guard status == H5D_FILL_VALUE_USER_DEFINED else { return output.append(text: [] as [UInt8]) }
        var value = [UInt8](repeating: 0, count: H5Tget_size(type))
        try check(H5Pget_fill_value(creation, type, &value), "reading a fill value")
        output.append(text: value)
    }
}
