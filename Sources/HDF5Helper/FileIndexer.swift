// Walks a file and prints its index: every object once, in the order in which links lead to them.

import CHDF5
import Glibc

struct FileIndexer {
    private let source: FileSource
    private let file: hid_t
    /// The number of each object by its address.
    private var numbers: [haddr_t: UInt32] = [:]
    /// The address of each object by its number.
    private var addresses: [haddr_t] = []

    init(source: FileSource) throws(HDF5Failure) {
        self.source = source
        file = try valid(H5Fopen("/", 0, source.accessList()), "opening the file")
    }

    mutating func run(into output: inout RecordWriter) throws(HDF5Failure) {
        output.append(raw: IndexFormat.magic)
        output.append(UInt64(source.count))
        try output.endRecord()
        let root = try valid(H5Gopen2(file, "/", 0), "opening the root group")
        _ = try number(objectAt: try address(of: root))
        H5Gclose(root)
        var next = 0
        while next < addresses.count {
            try print(objectAt: addresses[next], into: &output)
            try output.endRecord()
            next += 1
        }
        output.append(UInt8(ascii: "E"))
        output.append(UInt32(addresses.count))
        try output.endRecord()
        try output.flush()
    }

    private mutating func print(objectAt address: haddr_t, into output: inout RecordWriter) throws(HDF5Failure) {
        let object = try valid(H5Oopen_by_addr(file, address), "opening the object at byte \(address)")
        defer { H5Oclose(object) }
        let type = H5Iget_type(object)
        let order = try CreationOrder(of: object, type: type)
        output.append(recordKind(of: type))
        try AttributePrinter.print(attributesOf: object, byCreation: order.ofAttributes, into: &output)
        switch type {
        case H5I_GROUP: try print(linksOf: object, byCreation: order.ofLinks, into: &output)
        case H5I_DATASET: try DatasetPrinter(dataset: object).print(into: &output)
        default: break
        }
    }

    private func recordKind(of type: H5I_type_t) -> UInt8 {
        switch type {
        case H5I_GROUP: UInt8(ascii: "G")
        case H5I_DATASET: UInt8(ascii: "D")
        default: UInt8(ascii: "T")
        }
    }

    private mutating func print(
        linksOf group: hid_t, byCreation: Bool, into output: inout RecordWriter
    ) throws(HDF5Failure) {
        let links = try Link.all(of: group, byCreation: byCreation)
        output.append(UInt32(links.count))
        for link in links {
            output.append(text: link.name)
            try print(link, of: group, into: &output)
            try output.checkLimit()
        }
    }

    private mutating func print(
        _ link: Link, of group: hid_t, into output: inout RecordWriter
    ) throws(HDF5Failure) {
        var target = link.address
        if link.type == H5L_TYPE_SOFT {
            // libhdf5 follows it; where it leads to another file, the driver refuses to open that one.
            let object = link.name.withUnsafeBufferPointer { H5Oopen(group, $0.baseAddress, 0) }
            if object >= 0 {
                defer { H5Oclose(object) }
                target = try address(of: object)
            }
        }
        if let target {
            output.append(0 as UInt8)
            output.append(try number(objectAt: target))
        } else {
            output.append((link.type == H5L_TYPE_SOFT ? 1 : 2) as UInt8)
            output.append(text: try link.target(in: group))
        }
    }

    private func address(of object: hid_t) throws(HDF5Failure) -> haddr_t {
        var info = H5O_info_t()
        try check(H5Oget_info2(object, &info, UInt32(H5O_INFO_BASIC)), "reading an object's address")
        return info.addr
    }

    /// The number of the object at `address`, a new one where it has none.
    private mutating func number(objectAt address: haddr_t) throws(HDF5Failure) -> UInt32 {
        if let number = numbers[address] { return number }
        guard addresses.count < IndexFormat.maximumObjects else {
            throw HDF5Failure("the file has more than \(IndexFormat.maximumObjects) objects")
        }
        let number = UInt32(addresses.count)
        numbers[address] = number
        addresses.append(address)
        return number
    }
}
