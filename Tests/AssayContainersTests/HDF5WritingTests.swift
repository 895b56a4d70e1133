// HDF5 files written and read back. That h5py reads them too is shown by Tests/interop/hdf5_create.py.

import AssayContainers
import AssayTensors
import AssayTestSupport
import Testing

@Suite("HDF5 writing")
struct HDF5WritingTests {
    private let folder = TemporaryFolder()

    /// A tensor of every element type and several shapes, with bytes that differ.
    private static func tensors() throws(AssayError) -> [(String, Tensor)] {
        var tensors: [(String, Tensor)] = []
        for (number, type) in ElementType.allCases.enumerated() {
            for (name, shape) in [("scalar", []), ("empty", [0, 4]), ("matrix", [3, 5])] as [(String, Shape)] {
                let size = try shape.byteCount(of: type)
                let bytes = (0..<size).map {
                    type == .bool ? UInt8($0 % 2) : UInt8(truncatingIfNeeded: $0 * 7 + number)
                }
                let tensor = try Tensor(type: type, shape: shape, region: ByteRegion(bytes))
                tensors.append(("/\(type.rawValue)/deep/\(name)", tensor))
            }
        }
        return tensors
    }

    @Test("tensors of every type come back bit for bit")
    func tensors() throws {
        var writer = HDF5Writer()
        let tensors = try Self.tensors()
        for (path, tensor) in tensors { try writer.addDataset(path, tensor) }
        let path = folder.file("tensors.h5")
        try writer.write(to: path)
        let root = try HDF5File.open(path: path).root
        for (path, tensor) in tensors {
            // One opaque byte may be either float8.
            let opaque = tensor.type == .f8e4m3 || tensor.type == .f8e5m2 ? tensor.type : nil
            #expect(try root.dataset(path).tensor(opaqueAs: opaque).isBitEqual(to: tensor), "\(path)")
        }
        #expect(folder.names == ["tensors.h5"])
    }

    @Test("attributes of every kind come back as they were, with their types")
    func attributes() throws {
        var writer = HDF5Writer()
        let long = String(repeating: "größer ", count: 40_000)
        let values: [(String, HDF5AttributeValue)] = [
            ("text", .string("größer")), ("long", .string(long)), ("ascii", .string("x", .variableASCII)),
            ("fixed", .string("abc", .fixed(fitting: ["abcd"]))), ("empty", .string("")),
            ("names", .byteStrings(["dense", "", "lstm_1"])), ("no_names", .byteStrings([])),
            ("words", .strings(["a", "ö"], .variableUTF8)), ("integer", .integer(-5)),
            ("flag", .tensor(Tensor([true], shape: []))), ("matrix", .tensor(Tensor([1.5, 2, 3, 4], shape: [2, 2]))),
        ]
        for (name, value) in values {
            try writer.setAttribute(name, of: "/", to: value)
            try writer.setAttribute(name, of: "/group", to: value)
        }
        try writer.addDataset("/data", Tensor([1 as Float], shape: [1]))
        try writer.setAttribute("dtype", of: "/data", to: .string("bfloat16"))
        let path = folder.file("attributes.h5")
        try writer.write(to: path)
        let root = try HDF5File.open(path: path).root
        #expect(try root.dataset("data").attributes["dtype"]?.string == "bfloat16")
        for attributes in [root.attributes, try root.group("group").attributes] {
            #expect(Set(attributes.keys) == Set(values.map(\.0)))
            #expect(attributes["text"]?.string == "größer")
            #expect(attributes["long"]?.string == long)
            #expect(attributes["ascii"]?.storedType == .string(.variableASCII))
            #expect(attributes["fixed"]?.string == "abc")
            #expect(attributes["fixed"]?.storedType.description == "4-byte string")
            #expect(attributes["empty"]?.string == "")
            #expect(attributes["names"]?.strings == ["dense", "", "lstm_1"])
            #expect(attributes["no_names"]?.strings == [])
            #expect(attributes["no_names"]?.storedType == .number(.f64, isBigEndian: false))
            #expect(attributes["words"]?.strings == ["a", "ö"])
            #expect(attributes["integer"]?.integer == -5)
            #expect(attributes["flag"]?.storedType == .number(.bool, isBigEndian: false))
            #expect(attributes["matrix"]?.shape == [2, 2])
        }
    }

    @Test("what was read is written again: chunks, byte order, names")
    func copies() throws {
        let source = try HDF5File.open(path: Fixtures.folder + "/hdf5/chunks.h5").root
        var writer = HDF5Writer()
        for name in ["everything", "big", "holes", "cube"] {
            try writer.addDataset(name, source.dataset(name).tensor())
        }
        for (name, attribute) in try HDF5File.open(path: Fixtures.folder + "/hdf5/attributes.h5").root.attributes {
            guard let value = HDF5AttributeValue(attribute) else { continue }
            try writer.setAttribute(name, of: "/", to: value)
        }
        try writer.write(to: folder.file("copy.h5"))
        let copy = try HDF5File.open(path: folder.file("copy.h5")).root
        for name in ["everything", "big", "holes", "cube"] {
            #expect(try copy.dataset(name).tensor().isBitEqual(to: source.dataset(name).tensor()), "\(name)")
        }
        #expect(copy.attributes["words"]?.strings == ["x", "", "größer"])
        #expect(copy.attributes["bytes"]?.string == "plain")
        #expect(copy.attributes.count == 10)
    }

    @Test("a tensor of many parts, by any number of threads, makes the same bytes")
    func threads() throws {
        let count = 3 << 20
        let bytes = ByteRegion(count: 4 * count) { buffer in
            for index in 0..<count { buffer.storeBytes(of: UInt32(index), toByteOffset: 4 * index, as: UInt32.self) }
        }
        let tensor = try Tensor(type: .u32, shape: [3, count / 3], region: bytes)
        var writer = HDF5Writer()
        try writer.addDataset("a/large", tensor)
        try writer.addDataset("a/small", Tensor([1 as Float, 2], shape: [2]))
        try writer.write(to: folder.file("one.h5"), pool: .single)
        try writer.write(to: folder.file("three.h5"), pool: ThreadPool(threads: 3))
        let one = try MappedFile(path: folder.file("one.h5")).bytes
        #expect(try MappedFile(path: folder.file("three.h5")).bytes.array == one.array)
        #expect(try HDF5File.open(path: folder.file("one.h5")).root.dataset("a/large").tensor().isBitEqual(to: tensor))
    }

    @Test("what cannot be written is refused, and leaves nothing behind")
    func refusals() throws {
        var writer = HDF5Writer()
        try writer.addDataset("/a/b", Tensor([1 as Float], shape: [1]))
        let names = (0..<7000).map { "layer_\($0)" }
        let large = #expect(throws: AssayError.self) {
            try writer.setAttribute("layer_names", of: "/", to: .byteStrings(names))
        }
        #expect(large?.code == .writeFailed)
        #expect(throws: AssayError.self) { try writer.addDataset("a/b/", Tensor([1 as Float], shape: [1])) }
        #expect(throws: AssayError.self) { try writer.addDataset("/a/b/c", Tensor([1 as Float], shape: [1])) }
        #expect(throws: AssayError.self) { try writer.addGroup("/a/b") }

        let nowhere = #expect(throws: AssayError.self) { try writer.write(to: folder.file("no/file.h5")) }
        #expect(nowhere?.code == .writeFailed)

        try writer.setAttribute("text", of: "/", to: .string("a\0b"))
        let text = #expect(throws: AssayError.self) { try writer.write(to: folder.file("text.h5")) }
        #expect(text?.code == .writeFailed)

        var deep = HDF5Writer()
        try deep.addDataset("deep", Tensor([1 as Float], shape: Shape([Int](repeating: 1, count: 40))))
        let rank = #expect(throws: AssayError.self) { try deep.write(to: folder.file("deep.h5")) }
        #expect(rank?.code == .writeFailed)
        #expect(folder.names.isEmpty)
    }
}
