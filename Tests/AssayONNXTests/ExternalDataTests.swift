// Tensors in files beside the model: inside its folder, and nowhere else.

import AssayTensors
import AssayTestSupport
import Glibc
import Testing

@testable import AssayONNX

@Suite struct ExternalDataTests {
    private let folder = TemporaryFolder()

    /// y = x + w, w in another file.
    private func model(location: String, offset: String? = nil, length: String? = nil) throws -> String {
        var builder = ModelBuilder()
        builder.input("x", .f32, [2])
        var tensor = ONNXTensorProto()
        tensor.name = "w"
        tensor.dataType = 1
        tensor.dims = [2]
        tensor.dataLocation = .external
        for (key, value) in [("location", location), ("offset", offset), ("length", length)] {
            guard let value else { continue }
            var entry = ONNXStringStringEntryProto()
            entry.key = key
            entry.value = value
            tensor.externalData.append(entry)
        }
        builder.model.graph.initializer = [tensor]
        builder.add("Add", ["x", "w"], ["y"])
        builder.output("y", .f32, [2])
        return try builder.write(to: folder)
    }

    private func data() throws {
        _ = try folder.write(floats([9, 1, 2, 9]).bytes().array, to: "data.bin")
    }

    @Test func partsOfFilesAreMapped() throws {
        try data()
        let model = try ONNXReader.read(path: model(location: "data.bin", offset: "4", length: "8"))
        #expect(try model.result(["x": floats([10, 20])]) == [11, 22])
    }

    @Test(arguments: ["../data.bin", "/etc/hostname", "a/../data.bin", "./data.bin", "", "a//data.bin"])
    func nothingOutsideTheFolderIsRead(_ location: String) throws {
        try data()
        let error = #expect(throws: AssayError.self) { try ONNXReader.read(path: model(location: location)) }
        #expect(error?.code == .unreadable)
    }

    @Test func linksAreNotFollowed() throws {
        try data()
        #expect(symlink(folder.file("data.bin"), folder.file("link.bin")) == 0)
        let path = try model(location: "link.bin", offset: "0", length: "8")
        let error = #expect(throws: AssayError.self) { try ONNXReader.read(path: path) }
        #expect(error?.message.contains("symbolic link") == true)
    }

    @Test(arguments: [("-4", "8"), ("12", "8"), ("0", "800"), ("4611686018427387904", "8"), ("x", "8"), ("0", "4")])
    func partsThatAreNotThereAreRefused(_ offset: String, _ length: String) throws {
        try data()
        #expect(throws: AssayError.self) {
            try ONNXReader.read(path: model(location: "data.bin", offset: offset, length: length))
        }
    }
}
