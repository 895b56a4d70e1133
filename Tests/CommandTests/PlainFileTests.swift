// Files of tensors without a model: shown, converted, streamed.

import AssayContainers
import AssayTensors
import AssayTestSupport
import Testing

@Suite("Plain tensor files")
struct PlainFileTests {
    private let folder = TemporaryFolder()
    private let tensors: [(String, Tensor)] = [
        ("matrix", Tensor([1, -2, 3, 0.5, 0, -0.25] as [Float], shape: [2, 3])),
        ("ids", Tensor([7, 8, 9] as [Int64], shape: [3])),
        ("flags", Tensor([true, false], shape: [2])),
        ("scalar", Tensor([0.1] as [Double], shape: [])),
        ("empty", Tensor([] as [Float], shape: [0, 4])),
    ]

    private func source() throws -> String {
        var content = NamedTensors(metadata: ["format": "pt", "note": "grüße"])
        for (name, tensor) in tensors { content.tensors[name] = tensor }
        try SafeTensorsFile.write(content, to: folder.file("source.safetensors"))
        return folder.file("source.safetensors")
    }

    @Test("inspect shows every tensor") func tensorsAreShown() throws {
        let listed = try BuiltCommand.run("inspect", source(), "--tensors", "--json").json()
        let names = try #require(listed.array).compactMap { $0["name"]?.string }
        #expect(Set(names) == Set(tensors.map(\.0)))
        let matrix = try #require(listed.array?.first { $0["name"] == "matrix" })
        #expect(matrix["type"] == "float32" && matrix["shape"] == [2, 3] && matrix["bytes"] == 24)
    }

    @Test("inspect --tensor gives statistics and values") func tensorIsShown() throws {
        let shown = try BuiltCommand.run("inspect", source(), "--tensor", "matrix", "--slice", "1,1:", "--json").json()
        #expect(shown["count"] == 6 && shown["zeros"] == 1 && shown["nan"] == 0)
        #expect(shown["minimum"]?.number == -2 && shown["maximum"]?.number == 3)
        #expect(abs((shown["mean"]?.number ?? 0) - 0.375) < 1e-12)
        #expect(shown["values"]?.array?.compactMap(\.number) == [0, -0.25])
    }

    @Test("converting around in a circle gives the same file") func circle() throws {
        var path = try source()
        let original = try MappedFile(path: path).bytes.array
        for (number, format) in ["zten", "npz", "zten", "safetensors"].enumerated() {
            let next = folder.file("\(number).\(format)")
            let result = BuiltCommand.run("convert", path, next)
            #expect(result.status == 0, "\(result.errors)")
            #expect(result.output.contains("read back, 5 tensors equal bit for bit"))
            path = next
        }
        #expect(try MappedFile(path: path).bytes.array == original)
    }

    @Test("a file can go to standard output") func standardOutput() throws {
        let result = BuiltCommand.run(
            ["convert", try source(), "-", "--to", "safetensors", "--no-verify"])
        #expect(result.status == 0 && result.errors.isEmpty)
        #expect(result.output.contains("\"matrix\""))
        #expect(folder.names == ["source.safetensors"])
    }

    @Test("a plan writes nothing") func plan() throws {
        let result = BuiltCommand.run("convert", try source(), folder.file("new.zten"), "--plan", "--json")
        #expect(try result.json()["tensors"]?.array?.count == 5)
        #expect(folder.names == ["source.safetensors"])
    }

    @Test("weights without an architecture cannot be run") func noGraph() throws {
        let result = BuiltCommand.run("run", try source(), "--random", "1")
        #expect(result.status == 4)
        #expect(result.errors.contains("--graph-from"))
    }

    @Test("help has an example", arguments: ["inspect", "validate", "run", "verify", "stats", "convert"])
    func help(_ command: String) {
        let result = BuiltCommand.run(command, "--help")
        #expect(result.status == 0 && result.errors.isEmpty)
        #expect(result.output.contains("  assay \(command) "))
    }

    @Test("the version") func version() {
        #expect(BuiltCommand.run("--version").output.hasPrefix("assay "))
    }
}
