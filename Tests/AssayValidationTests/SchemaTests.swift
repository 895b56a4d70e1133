// The specification's files keep their schemas, and what breaks them is refused with its place.

import AssayTensors
import AssayTestSupport
import OrderedCollections
import Testing

@testable import AssayArchitectures

@Suite("Schemas of the specification")
struct SchemaTests {
    static let folder = Fixtures.repository + "/Schemas"
    static let architectures = Fixtures.names(in: folder + "/architectures").filter { $0.hasSuffix(".json") }

    @Test("every architecture keeps the schema", arguments: architectures)
    func architecture(file: String) throws {
        let schema = try JSONSchema.named("architecture.schema.json")
        let json = try Fixtures.json("\(Self.folder)/architectures/\(file)")
        #expect(schema.violations(in: json) == [])
        _ = try Specification(
            json: json, name: String(file.dropLast(5)), blocks: SpecificationLibrary.builtInBlocks())
    }

    @Test("the blocks keep their schema, and each is built")
    func blocks() throws {
        let schema = try JSONSchema.named("blocks.schema.json")
        #expect(schema.violations(in: try Fixtures.json(Self.folder + "/blocks.json")) == [])
        let described = try Set(SpecificationLibrary.builtInBlocks().keys)
        let built = Set(BlockRegistry.all.map { $0.name })
        #expect(described.subtracting(built) == [], "described and not built")
        #expect(built.subtracting(described) == [], "built and not described")
        #expect(BlockRegistry.all.count == built.count)
    }

    /// A specification with these steps.
    private func specification(steps: String) -> String {
        """
        {"title": "T", "source": "a test", "dimensions": {"n": {"about": "width", "key": "n"}},
         "model": {"types": ["t"], "class": "T", "module": "", "inputs": {"x": {"type": "float32", "shape": ["batch", "n"]}},
                   "steps": [\(steps)], "heads": {"Model": {"outputs": {"y": "y"}}}}}
        """
    }

    @Test(
        "what breaks the schema is refused, naming file, step and block",
        arguments: [
            (#"{"block": "lineal", "from": "x", "to": "y"}"#, ["model.steps[0]", "lineal", "nobody builds"]),
            (#"{"block": "linear", "from": "x", "to": "y", "inputs": "n"}"#, ["model.steps[0]", "linear", "units"]),
            (
                #"{"module": "m", "steps": [{"block": "add", "from": "x", "to": "y", "colour": "red"}]}"#,
                ["model.steps[0].steps[0]", "colour"]
            ),
            (#"{"repeat": "i", "steps": []}"#, ["model.steps[0]", "count"]),
            (#"{"block": "scale", "from": "x", "to": "y", "factor": "2 +"}"#, ["model.steps[0]", "2 +"]),
        ])
    func refused(steps: String, words: [String]) throws {
        let json = try JSON(parsing: specification(steps: steps))
        do throws(AssayError) {
            _ = try Specification(json: json, name: "toy", blocks: SpecificationLibrary.builtInBlocks())
            Issue.record("read")
        } catch {
            for word in ["toy.json"] + words { #expect("\(error)".contains(word), "\(error)") }
        }
    }

    @Test(
        "the schema refuses what the reader refuses",
        arguments: [
            #"{"block": "add", "from": 1}"#, #"{"steps": [], "colour": "red"}"#, #"{"from": "x"}"#,
            #"{"record": "a"}"#, #"{"block": "linear", "ties": {"kernel": {"module": "m"}}}"#,
        ])
    func schemaRefuses(steps: String) throws {
        let schema = try JSONSchema.named("architecture.schema.json")
        #expect(schema.violations(in: try JSON(parsing: specification(steps: ""))) == [])
        #expect(schema.violations(in: try JSON(parsing: specification(steps: steps))) != [])
    }
}
