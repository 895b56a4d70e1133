// What the command does with wrong input: one clear line, the documented exit status, nothing left behind.

import AssayContainers
import AssayTensors
import AssayTestSupport
import Testing

@Suite("Wrong input")
struct WrongInputTests {
    private let folder = TemporaryFolder()

    /// A small file that can be read.
    private func smallFile(_ name: String = "small.npz") throws -> String {
        let tensor = Tensor([1, 2, 3, 4, 5, 6] as [Float], shape: [2, 3])
        try NPZFile.write(["a": tensor], to: folder.file(name))
        return folder.file(name)
    }

    private func expectError(
        _ result: BuiltCommand.Result, status: Int, containing text: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(result.status == status, "\(result.errors)", sourceLocation: sourceLocation)
        #expect(result.output.isEmpty, sourceLocation: sourceLocation)
        #expect((1...2).contains(result.errorLines.count), "\(result.errors)", sourceLocation: sourceLocation)
        #expect(result.errors.hasPrefix("assay: "), sourceLocation: sourceLocation)
        #expect(result.errors.contains(text), "\(result.errors)", sourceLocation: sourceLocation)
    }

    @Test("a missing file", arguments: ["inspect", "validate", "stats"])
    func missingFile(_ command: String) {
        let extra = command == "stats" ? ["--random", "1"] : []
        let result = BuiltCommand.run([command, folder.file("nothing.h5")] + extra)
        expectError(result, status: 3, containing: "nothing.h5: no such file or folder")
    }

    @Test("a folder") func folderForFile() {
        expectError(BuiltCommand.run("inspect", folder.path), status: 3, containing: "is a folder")
    }

    @Test("an empty file") func emptyFile() throws {
        let path = try folder.write([], to: "empty.h5")
        expectError(BuiltCommand.run("inspect", path), status: 3, containing: "empty.h5: is empty")
    }

    @Test("a text file named .h5") func textFile() throws {
        let path = try folder.write(Array("weights? no.".utf8), to: "text.h5")
        let result = BuiltCommand.run("inspect", path)
        expectError(result, status: 3, containing: "text that begins 'weights? no.'")
        #expect(result.errors.contains("safetensors"), "names the formats that are known")
    }

    @Test("a truncated file", arguments: ["keras2.h5", "keras3.h5", "model.keras", "model.weights.h5", "golden.npz"])
    func truncatedFile(_ name: String) throws {
        let whole = try MappedFile(path: Fixtures.repository + "/SampleCheckpoints/classifier/" + name).bytes.array
        for share in [3, 2] {
            let path = try folder.write(Array(whole.prefix(whole.count / share)), to: name)
            let result = BuiltCommand.run("inspect", path)
            expectError(result, status: 3, containing: name)
        }
    }

    @Test(
        "usage",
        arguments: [
            [], ["inspect"], ["frobnicate"], ["inspect", "a", "--frobnicate"], ["inspect", "a", "b"],
            ["inspect", "a", "--slice", "1"], ["run", "a"], ["run", "a", "--inputs", "b", "--random", "1"],
            ["run", "a", "--random", "one"], ["convert", "a"], ["convert", "a", "-"],
            ["run", "a", "--random", "1", "--threads", "0"],
        ])
    func usage(_ arguments: [String]) {
        let result = BuiltCommand.run(arguments)
        guard !arguments.isEmpty else {
            #expect(result.status == 0 && result.output.contains("SUBCOMMANDS"))
            return
        }
        expectError(result, status: 2, containing: "assay: ")
    }

    @Test("a tensor that is not there") func wrongTensor() throws {
        let result = BuiltCommand.run("inspect", try smallFile(), "--tensor", "b")
        expectError(result, status: 2, containing: "no tensor 'b'")
    }

    @Test("a slice that does not fit", arguments: ["2", "0,0,0", "x", "0:1:2", ""])
    func wrongSlice(_ slice: String) throws {
        let result = BuiltCommand.run("inspect", try smallFile(), "--tensor", "a", "--slice", slice)
        expectError(result, status: 2, containing: "assay: ")
    }

    @Test("errors as JSON") func jsonError() throws {
        let result = BuiltCommand.run("inspect", folder.file("nothing.h5"), "--json")
        #expect(result.status == 3 && result.output.isEmpty)
        let error = try #require(try JSON(parsing: result.errors)["error"])
        #expect(error["code"] == "unreadable")
        #expect(error["exit_status"] == 3)
        #expect(error["file"]?.string == folder.file("nothing.h5"))
    }

    @Test("names with control characters do no harm") func hostileNames() throws {
        let tensor = Tensor([1] as [Float], shape: [1])
        try SafeTensorsFile.write(
            NamedTensors(["a\u{1B}[31m\n\u{202E}b": tensor]), to: folder.file("hostile.safetensors"))
        for option in ["--tensors", "--json"] {
            let result = BuiltCommand.run("inspect", folder.file("hostile.safetensors"), option)
            #expect(result.status == 0)
            #expect(!result.output.unicodeScalars.contains { $0.value < 32 && $0 != "\n" })
        }
    }

    // MARK: Writing

    @Test("a full disk", arguments: ["small.npz", "small.safetensors", "small.zten"], [[], ["--no-verify"]])
    func fullDisk(_ name: String, _ options: [String]) throws {
        let many = Tensor((0..<4096).map { Float($0).squareRoot() }, shape: [4096])
        try NPZFile.write(["many": many], to: folder.file("many.npz"))
        let result = BuiltCommand.run(
            ["convert", folder.file("many.npz"), folder.file(name)] + options, prelude: "ulimit -f 4;")
        expectError(result, status: 5, containing: "\(name): cannot be written")
        #expect(folder.names == ["many.npz"], "nothing is left behind")
    }

    @Test("a folder that cannot be written to") func readOnlyFolder() throws {
        for target in ["/proc/small.zten", folder.file("no/small.zten")] {
            let result = BuiltCommand.run("convert", try smallFile(), target)
            expectError(result, status: 5, containing: "\(target): cannot be written")
        }
        #expect(folder.names == ["small.npz"])
    }

    @Test("a format that nobody knows") func unknownFormat() throws {
        let source = try smallFile()
        expectError(BuiltCommand.run("convert", source, folder.file("a.foo")), status: 2, containing: "--to FORMAT")
        expectError(
            BuiltCommand.run("convert", source, folder.file("a.foo"), "--to", "foo"), status: 2,
            containing: "no format 'foo'")
        #expect(folder.names == ["small.npz"])
    }

    @Test("an output that is a folder keeps what is there") func folderAsOutput() throws {
        let result = BuiltCommand.run("convert", try smallFile(), folder.path, "--to", "zten")
        expectError(result, status: 5, containing: folder.path)
        #expect(folder.names == ["small.npz"])
    }
}
