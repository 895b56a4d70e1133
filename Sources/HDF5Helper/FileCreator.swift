// Makes a file by plan: groups, attributes, and datasets whose storage is there but not filled.

import CHDF5

struct FileCreator {
    private let file: hid_t
    private let datasetCreation: hid_t

    /// Makes the file at `path`, which may be there already, and prints where each dataset's bytes belong.
    static func run(plan: PlanReader, path: String, into output: inout RecordWriter) throws(HDF5Failure) {
        var plan = plan
        let creator = try FileCreator(path: path)
        output.append(raw: Array("AHO1".utf8))
        try creator.follow(&plan, into: &output)
        try check(H5Pclose(creator.datasetCreation), "making the file")
        try check(H5Fclose(creator.file), "making the file")
        output.append(UInt8(ascii: "E"))
        try output.endRecord()
        try output.flush()
    }

    private init(path: String) throws(HDF5Failure) {
        let access = try valid(H5Pcreate(hdf5_file_access_class()), "preparing the library")
        // The caller keeps the file to itself; some file systems have no locks.
        try check(H5Pset_file_locking(access, false, true), "preparing the library")
        // Vector instructions and memory maps like aligned data.
        try check(H5Pset_alignment(access, 512, 64), "preparing the library")
        file = try valid(H5Fcreate(path, hdf5_truncate_flag(), 0, access), "making the file")
        H5Pclose(access)
        datasetCreation = try valid(H5Pcreate(hdf5_dataset_creation_class()), "preparing the library")
        try check(H5Pset_layout(datasetCreation, H5D_CONTIGUOUS), "preparing the library")
        try check(H5Pset_alloc_time(datasetCreation, H5D_ALLOC_TIME_EARLY), "preparing the library")
        try check(H5Pset_fill_time(datasetCreation, H5D_FILL_TIME_NEVER), "preparing the library")
        // The same plan makes the same bytes.
        try check(H5Pset_obj_track_times(datasetCreation, false), "preparing the library")
    }

    private func follow(_ plan: inout PlanReader, into output: inout RecordWriter) throws(HDF5Failure) {
        while true {
            switch try plan.number(UInt8.self) {
            case UInt8(ascii: "G"): try makeGroup(try plan.name())
            case UInt8(ascii: "D"): output.append(UInt64(try makeDataset(&plan)))
            case UInt8(ascii: "A"): try makeAttribute(&plan)
            case UInt8(ascii: "E"): return
            default: throw HDF5Failure("the plan has an unknown record")
            }
        }
    }

    private func makeGroup(_ path: [CChar]) throws(HDF5Failure) {
        H5Gclose(try valid(H5Gcreate2(file, path, 0, 0, 0), "making the group \(text(path))"))
    }

    /// The offset of the dataset's bytes in the file.
    private func makeDataset(_ plan: inout PlanReader) throws(HDF5Failure) -> haddr_t {
        let path = try plan.name()
        let action = "making the dataset \(text(path))"
        let type = try makeType(try plan.type())
        defer { H5Tclose(type) }
        let space = try makeSpace(try plan.extents())
        defer { H5Sclose(space) }
        let dataset = try valid(H5Dcreate2(file, path, type, space, 0, datasetCreation, 0), action)
        defer { H5Dclose(dataset) }
        return H5Dget_offset(dataset)
    }

    private func makeAttribute(_ plan: inout PlanReader) throws(HDF5Failure) {
        let path = try plan.name()
        let name = try plan.name()
        let action = "making the attribute \(text(name)) of \(text(path))"
        let (kind, size) = try plan.type()
        let type = try makeType((kind, size))
        defer { H5Tclose(type) }
        let space = try makeSpace(try plan.extents())
        defer { H5Sclose(space) }
        let object = try valid(H5Oopen(file, path, 0), action)
        defer { H5Oclose(object) }
        let attribute = try valid(H5Acreate2(object, name, type, space, 0, 0), action)
        defer { H5Aclose(attribute) }
        if kind.isVariable {
            try write(strings: &plan, to: attribute, type, action)
        } else {
            let bytes = try plan.text()
            guard Int(H5Sget_simple_extent_npoints(space)) * size == bytes.count else {
                throw HDF5Failure("\(action): wrong number of bytes")
            }
            if !bytes.isEmpty { try check(H5Awrite(attribute, type, bytes), action) }
        }
    }

    private func write(
        strings plan: inout PlanReader, to attribute: hid_t, _ type: hid_t, _ action: String
    ) throws(HDF5Failure) {
        var texts: [[CChar]] = []
        for _ in 0..<(try plan.number(UInt32.self)) { texts.append(try plan.name()) }
        let space = H5Aget_space(attribute)
        defer { H5Sclose(space) }
        guard Int(H5Sget_simple_extent_npoints(space)) == texts.count else {
            throw HDF5Failure("\(action): wrong number of strings")
        }
        guard !texts.isEmpty else { return }
        // All texts in one buffer, so that one pointer each stays valid during the call.
        let all = texts.flatMap(\.self)
        let status = all.withUnsafeBufferPointer { all in
            var pointers: [UnsafePointer<CChar>?] = []
            var offset = 0
            for text in texts {
                pointers.append(all.baseAddress.map { $0 + offset })
                offset += text.count
            }
            return H5Awrite(attribute, type, pointers)
        }
        try check(status, action)
    }

    private func makeSpace(_ extents: [UInt64]?) throws(HDF5Failure) -> hid_t {
        guard let extents else { return try valid(H5Screate(H5S_SCALAR), "making a dataspace") }
        let sizes = extents.map { hsize_t($0) }
        return try valid(H5Screate_simple(Int32(sizes.count), sizes, nil), "making a dataspace")
    }

    private func makeType(_ type: (kind: PlanType, size: Int)) throws(HDF5Failure) -> hid_t {
        let size = type.size
        switch type.kind {
        case .unsigned: return try valid(H5Tcopy(hdf5_integer_type(size, false)), "making an integer type")
        case .signed: return try valid(H5Tcopy(hdf5_integer_type(size, true)), "making an integer type")
        case .float:
            return size == 2 ? try makeHalf() : try valid(H5Tcopy(hdf5_float_type(size)), "making a float type")
        case .boolean: return try makeBoolean()
        case .opaque: return try valid(H5Tcreate(H5T_OPAQUE, size), "making an opaque type")
        case .fixedASCII, .fixedUTF8, .variableASCII, .variableUTF8: return try makeString(type.kind, size)
        }
    }

    private func makeHalf() throws(HDF5Failure) -> hid_t {
        let type = try valid(H5Tcopy(hdf5_float_type(4)), "making a float type")
        try check(H5Tset_fields(type, 15, 10, 5, 0, 10), "making a float type")
        try check(H5Tset_size(type, 2), "making a float type")
        try check(H5Tset_ebias(type, 15), "making a float type")
        return type
    }

    /// The enumeration that h5py takes for a boolean.
    private func makeBoolean() throws(HDF5Failure) -> hid_t {
        let type = try valid(H5Tenum_create(hdf5_integer_type(1, true)), "making a boolean type")
        for (name, value) in [("FALSE", 0), ("TRUE", 1)] as [(String, Int8)] {
            var value = value
            try check(H5Tenum_insert(type, name, &value), "making a boolean type")
        }
        return type
    }

    private func makeString(_ kind: PlanType, _ size: Int) throws(HDF5Failure) -> hid_t {
        let type = try valid(H5Tcopy(hdf5_c_string_type()), "making a string type")
        try check(H5Tset_size(type, kind.isVariable ? hdf5_variable_size() : size), "making a string type")
        try check(H5Tset_cset(type, kind.isUTF8 ? H5T_CSET_UTF8 : H5T_CSET_ASCII), "making a string type")
        if !kind.isVariable { try check(H5Tset_strpad(type, H5T_STR_NULLPAD), "making a string type") }
        return type
    }

    private func text(_ name: [CChar]) -> String {
        String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
