// NPY headers, and arrays in every order that NumPy writes.

import AssayContainers
import AssayTensors
import AssayTestSupport
import OrderedCollections
import Testing

@Suite("NPZ")
struct NPZTests {
    let folder = TemporaryFolder()

    /// An NPY array of version 1 with the header's text as it is given.
    private func array(_ header: String, _ values: [UInt8]) -> ByteRegion {
        let length = header.utf8.count
        return ByteRegion(
            [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)] + Array(header.utf8)
                + values)
    }

    private func header(_ descriptor: String, _ shape: String, fortran: Bool = false) -> String {
        "{'descr': '\(descriptor)', 'fortran_order': \(fortran ? "True" : "False"), 'shape': \(shape), }\n"
    }

    @Test("arrays of every type come back, values aligned, in the order of writing")
    func roundTrip() throws {
        let path = folder.file("a.npz")
        var tensors: OrderedDictionary<String, Tensor> = [:]
        for type in ElementType.allCases { tensors["in/\(type)"] = .random(type, [5, 3, 2], seed: 3) }
        tensors["scalar"] = .random(.f64, [], seed: 4)
        tensors["empty"] = .random(.f32, [3, 0], seed: 5)
        tensors["large"] = .random(.f32, [1500, 1001], seed: 6)
        try NPZFile.write(tensors, to: path)
        let read = try NPZFile.open(path)
        #expect(read.tensors.keys == tensors.keys)
        for (name, tensor) in tensors {
            #expect(try isSame(read.tensors[name], tensor), "\(name)")
            #expect(try read.tensors[name]?.bytes().isAligned(to: 64) == true)
        }
        let some = try NPZFile.open(path) { $0.hasPrefix("in/f") }
        #expect(some.tensors.keys.elements == ["in/f64", "in/f32", "in/f16", "in/f8e4m3", "in/f8e5m2"])
    }

    @Test("Fortran order: columns become rows")
    func fortran() throws {
        let values: [UInt8] = [0, 3, 1, 4, 2, 5]
        let tensor = try NPYArray.tensor(in: array(header("|u1", "(2, 3)", fortran: true), values))
        #expect(tensor.shape == [2, 3])
        #expect(try tensor.bytes().array == [0, 1, 2, 3, 4, 5])
        #expect(try tensor.part(1..<5).array == [1, 2, 3, 4])
        let cube = try NPYArray.tensor(in: array(header("|u1", "(2, 2, 2)", fortran: true), [0, 4, 2, 6, 1, 5, 3, 7]))
        #expect(try cube.bytes().array == [0, 1, 2, 3, 4, 5, 6, 7])
    }

    @Test("big-endian, alone and in Fortran order, any part of it")
    func bigEndian() throws {
        let values: [UInt8] = [0, 1, 0, 2, 0xFF, 0xFE]
        let tensor = try NPYArray.tensor(in: array(header(">i2", "(3,)"), values))
        #expect(try tensor.integers() == [1, 2, -2])
        #expect(try tensor.part(1..<4).array == [0, 2, 0])
        let both = try NPYArray.tensor(
            in: array(header(">u2", "(2, 2)", fortran: true), [0, 1, 0, 2, 0, 3, 0, 4]))
        #expect(try both.integers() == [1, 3, 2, 4])
    }

    @Test(
        "headers in every form that NumPy reads",
        arguments: [
            "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }",
            "{'shape':(1,),'fortran_order':False,'descr':'<f4'}",
            "{\"descr\": \"<f4\", \"fortran_order\": False, \"shape\": (1L,)}  \n",
            " { 'descr' : '=f4' , 'fortran_order' : True , 'shape' : ( 1 , ) } ",
        ])
    func headers(_ text: String) throws {
        let tensor = try NPYArray.tensor(in: array(text, [0, 0, 0x80, 0x3F]))
        #expect(try tensor.floats() == [1])
    }

    @Test(
        "headers that are no such dictionary are refused",
        arguments: [
            "", "{}", "{'descr': '<f4', 'fortran_order': False}", "{'descr': '<f4', 'fortran_order': 0, 'shape': (1,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (1)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': 1}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (1,,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': ((1,),)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'shape': (1,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'more': 1}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} x",
            "{'descr': '<f4' 'fortran_order': False, 'shape': (1,)}",
            "{'descr': '<f5', 'fortran_order': False, 'shape': (1,)}",
            "{'descr': '<c8', 'fortran_order': False, 'shape': (1,)}",
            "{'descr': '<U1', 'fortran_order': False, 'shape': (1,)}",
            "{'descr': '|O', 'fortran_order': False, 'shape': (1,)}",
            "{'descr': '|V4', 'fortran_order': False, 'shape': (1,)}",
            "{'descr': '', 'fortran_order': False, 'shape': (1,)}",
            "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (0x1,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
        ])
    func refusedHeaders(_ text: String) {
        #expect(throws: AssayError.self) { try NPYArray.tensor(in: array(text, [0, 0, 0x80, 0x3F])) }
    }

    @Test("bfloat16 without its name is refused, with the way out")
    func namelessBFloat16() {
        let error = #expect(throws: AssayError.self) { try NPYArray.tensor(in: array(header("<V2", "(1,)"), [0, 0])) }
        #expect(error?.hint?.contains("bfloat16") == true)
    }
}
