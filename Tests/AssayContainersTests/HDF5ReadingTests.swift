// HDF5 files that h5py wrote (Tests/Fixtures/hdf5/make.py), read through the helper.

import AssayContainers
import AssayTensors
import AssayTestSupport
import OrderedCollections
import Testing

private func open(_ name: String) throws(AssayError) -> HDF5File {
    try HDF5File.open(path: Fixtures.folder + "/hdf5/" + name)
}

@Suite("HDF5 element types")
struct HDF5TypeTests {
    @Test("numbers of every size, in both byte orders", arguments: ["little", "big"])
    func numbers(order: String) throws {
        let group = try open("types.h5").root.group(order)
        let types: [String: ElementType] = [
            "f2": .f16, "f4": .f32, "f8": .f64, "i1": .i8, "i2": .i16, "i4": .i32, "i8": .i64, "u1": .u8, "u2": .u16,
            "u4": .u32, "u8": .u64,
        ]
        #expect(Set(group.memberNames) == Set(types.keys))
        for (name, type) in types {
            let tensor = try group.dataset(name).tensor()
            #expect(tensor.type == type)
            #expect(tensor.shape == [2, 3])
            let expected = (0..<6).map { index in
                type.isFloatingPoint ? Double(index) / 4 - 1 : name.hasPrefix("i") ? Double(index) - 2 : Double(index)
            }
            #expect(try tensor.doubles() == expected, "\(name)")
        }
    }

    @Test("contiguous little-endian data stay where they lie in the file, also behind a user block")
    func mapped() throws {
        let file = try MappedFile(path: Fixtures.folder + "/hdf5/types.h5")
        let tensor = try HDF5File.open(file).root.dataset("little/f4").tensor()
        guard case .region(let region) = tensor.storage else {
            Issue.record("the data were copied")
            return
        }
        let inside = region.withUnsafeBytes { part in
            file.bytes.withUnsafeBytes { whole in
                guard let start = part.baseAddress, let base = whole.baseAddress else { return false }
                return start >= base && start + part.count <= base + whole.count
            }
        }
        #expect(inside)
    }

    @Test("booleans, bfloat16, float8, scalars, empty and compact datasets, enumerations, fill values")
    func others() throws {
        let root = try open("types.h5").root
        let cases: [(name: String, type: ElementType, shape: Shape, values: [Double])] = [
            ("bool", .bool, [3], [1, 0, 1]), ("bfloat16", .bf16, [3], [-1, 0.5, 3]),
            ("float8", .f8e4m3, [3], [1, -1, 2]), ("scalar", .f32, [], [2.5]), ("no_rows", .f32, [0, 3], []),
            ("compact", .f32, [4], [0, 1, 2, 3]), ("colour", .i16, [2], [1, 0]),
            ("never_written", .i32, [2, 3], [7, 7, 7, 7, 7, 7]),
        ]
        for (name, type, shape, values) in cases {
            let tensor = try root.dataset(name).tensor()
            #expect(tensor.type == type, "\(name)")
            #expect(tensor.shape == shape, "\(name)")
            #expect(try tensor.doubles() == values, "\(name)")
        }
        #expect(try root.dataset("opaque").tensor(opaqueAs: .f32).doubles() == [0, 0])
        #expect(try root.dataset("fixed_strings").strings() == ["ab", "", "cde"])
    }

    @Test(
        "what is no number is refused when it is asked for",
        arguments: [
            ("opaque", "4-byte opaque"), ("null", "null dataspace"), ("fixed_strings", "3-byte string"),
            ("strings", "string"), ("compound", "compound"), ("a_type", "a datatype"), ("little", "a group"),
            ("absent", "nothing"),
        ])
    func refused(name: String, reason: String) throws {
        let root = try open("types.h5").root
        let error = #expect(throws: AssayError.self) { try root.dataset(name).tensor() }
        #expect(error?.code == .unreadable)
        #expect(error?.description.contains(reason) == true)
        #expect(error?.location.object == "/\(name)")
    }

    @Test("a part of a file, and a file in memory")
    func parts() throws {
        let whole = try MappedFile(path: Fixtures.folder + "/hdf5/types.h5")
        let folder = TemporaryFolder()
        let padding = [UInt8](repeating: 1, count: 1234)
        let path = try folder.write(padding + whole.bytes.array + padding, to: "archive")
        let archive = try MappedFile(path: path)
        let files = [
            try HDF5File.open(archive, range: 1234..<(1234 + whole.count)),
            try HDF5File.open(inMemory: whole.bytes, path: "memory"),
        ]
        for file in files {
            #expect(try file.root.dataset("scalar").tensor().floats() == [2.5])
            #expect(try file.root.dataset("little/f8").tensor().doubles() == [-1, -0.75, -0.5, -0.25, 0, 0.25])
        }
    }
}

@Suite("HDF5 attributes")
struct HDF5AttributeTests {
    @Test("text, fixed and variable")
    func text() throws {
        let attributes = try open("attributes.h5").root.attributes
        #expect(attributes["text"]?.string == "größer")
        #expect(attributes["bytes"]?.string == "plain")
        #expect(attributes["names"]?.strings == ["dense", "lstm_1"])
        #expect(attributes["words"]?.strings == ["x", "", "größer"])
        #expect(attributes["no_names"]?.strings == [])
        #expect(attributes["latin1"]?.strings == nil)
        #expect(attributes["names"]?.string == nil)
    }

    @Test("numbers, booleans, and what is not read")
    func numbers() throws {
        let attributes = try open("attributes.h5").root.attributes
        #expect(attributes["integer"]?.integer == -3)
        #expect(attributes["integers"]?.integers == [1, 2, 3])
        #expect(attributes["number"]?.number == 0.25)
        #expect(attributes["number"]?.integer == nil)
        #expect(attributes["flag"]?.integer == 1)
        guard case .tensor(let matrix) = attributes["matrix"]?.value, case .empty = attributes["nothing"]?.value,
            case .unsupported("compound") = attributes["pairs"]?.value
        else {
            Issue.record("attributes of other kinds")
            return
        }
        #expect(matrix.shape == [2, 3])
        #expect(try matrix.doubles() == [0, 1, 2, 3, 4, 5])
    }
}

@Suite("HDF5 chunks")
struct HDF5ChunkTests {
    private static let files = ["chunks.h5", "chunks-latest.h5"]

    @Test("filters, partial chunks, byte order and any rank", arguments: files)
    func values(name: String) throws {
        let root = try open(name).root
        for dataset in ["plain", "deflate", "everything", "big", "growing", "whole"] {
            let tensor = try root.dataset(dataset).tensor()
            #expect(try tensor.doubles() == (0..<70).map(Double.init), "\(dataset)")
            guard case .decoder = tensor.storage else {
                Issue.record("\(dataset) is not in chunks")
                continue
            }
        }
        #expect(try root.dataset("odd").tensor().doubles() == [0, 1, 2, 3, 4])
        #expect(try root.dataset("cube").tensor().doubles() == (0..<60).map(Double.init))
        #expect(try root.dataset("names").strings() == ["ab", "", "cde"])
        #expect(try root.dataset("masked").tensor().doubles() == (0..<8).map(Double.init))
    }

    @Test("chunks that were never written hold the fill value", arguments: files)
    func missing(name: String) throws {
        let root = try open(name).root
        #expect(try root.dataset("empty").tensor().doubles() == [Double](repeating: 5, count: 70))
        let expected = (0..<70).map { index in
            let (row, column) = (index / 10, index % 10)
            return (3..<6).contains(row) && (4..<8).contains(column) ? Double(index) : 0.5
        }
        #expect(try root.dataset("holes").tensor().doubles() == expected)
    }

    @Test("any part of a tensor, by one thread or several", arguments: [1, 3])
    func parts(threads: Int) throws {
        let path = Fixtures.folder + "/hdf5/chunks.h5"
        let root = try HDF5File.open(path: path, pool: ThreadPool(threads: threads)).root
        for name in ["everything", "holes", "big", "cube"] {
            let tensor = try root.dataset(name).tensor()
            let all = try tensor.bytes().array
            for start in stride(from: 0, to: all.count, by: 7) {
                for end in stride(from: start, through: all.count, by: 41) {
                    #expect(try tensor.part(start..<end).array == Array(all[start..<end]))
                }
            }
        }
    }

    @Test("an unknown filter and a wrong checksum are refused", arguments: files)
    func refused(name: String) throws {
        let root = try open(name).root
        let unknown = #expect(throws: AssayError.self) { try root.dataset("lzf").tensor() }
        #expect(unknown?.found == "lzf")
        let broken = #expect(throws: AssayError.self) { try root.dataset("broken").tensor().loaded() }
        #expect(broken?.message.contains("checksum") == true)
    }
}

@Suite("HDF5 links")
struct HDF5LinkTests {
    @Test("hard and soft links in the file are followed, also upwards")
    func inside() throws {
        let root = try open("links.h5").root
        for path in ["group/data", "again", "soft", "soft_group/data", "group/up/group/up/again", "./group/data"] {
            #expect(try root.dataset(path).tensor().doubles() == [0, 1, 2], "\(path)")
        }
        #expect(try root.group("group/up").memberNames == root.memberNames)
    }

    @Test("every dataset is visited once")
    func walk() throws {
        var paths: [String] = []
        try open("links.h5").root.forEachDataset { paths.append($0.path) }
        #expect(paths == ["/again", "/external", "/virtual"])
    }

    @Test("nothing outside of the file is read", arguments: ["outside", "soft_outside", "virtual", "external"])
    func outside(name: String) throws {
        let root = try open("links.h5").root
        let error = #expect(throws: AssayError.self) { try root.dataset(name).tensor() }
        #expect(error?.code == .unreadable)
    }

    @Test("links that lead nowhere say so", arguments: ["nowhere", "loop"])
    func nowhere(name: String) throws {
        let root = try open("links.h5").root
        let error = #expect(throws: AssayError.self) { try root.dataset(name) }
        #expect(error?.found?.contains("leads nowhere") == true)
    }

    @Test("members and attributes are in the order of creation where it is tracked, else by name")
    func order() throws {
        let group = try open("links.h5").root.group("ordered")
        #expect(group.memberNames == ["zebra", "apple", "mango"])
        #expect(Array(group.attributes.keys) == ["zebra", "apple", "mango"])
        #expect(try open("types.h5").root.group("little").memberNames.first == "f2")
    }
}
