// Every recorded case through every runner: the fast path in Float against what the framework computed, the fast path in
// Double against the operators' definitions, one thread against two, and converted files against the original.

import Assay
import AssayTestSupport
import Testing

/// The cases that these tests run: those of Tests/Fixtures always, the collection's where it is there.
enum ConformanceCases {
    /// The names that are supported, one a line.
    static let names = names(listedIn: "cases.txt")

    /// The cases that are there.
    static let all = cases(listedIn: "cases.txt")

    /// The names in a file of Tests/Fixtures, one a line.
    private static func names(listedIn file: String) -> [String] {
        guard let bytes = try? MappedFile(path: Fixtures.folder + "/" + file).bytes.array else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// The cases of a list that are there.
    static func cases(listedIn file: String) -> [FixtureCase] {
        names(listedIn: file).compactMap { name in
            [Fixtures.folder, Fixtures.collection].compactMap { $0 }.map { "\($0)/\(name)" }
                .first { Fixtures.exists($0 + "/case.json") }
                .flatMap { try? FixtureCase(folder: $0) }
        }
    }

    /// The cases that run.
    static let runnable = all.filter { $0.expectation == .run && $0.golden != nil }

    /// The cases with layers that nobody can run.
    static let opaque = all.filter { $0.expectation == .opaque && $0.golden != nil }
}

@Suite("Conformance")
struct ConformanceTests {
    @Test("says how many cases are there")
    func count() {
        let missing = ConformanceCases.names.count - ConformanceCases.all.count
        let files = ConformanceCases.all.reduce(0) { $0 + $1.files.count }
        print(
            "conformance: \(ConformanceCases.all.count) cases with \(files) files run, \(missing) cases are not there")
        #expect(ConformanceCases.all.count >= 30)
    }

    @Test("agrees with what the framework recorded", arguments: ConformanceCases.runnable)
    func agreesWithFramework(_ fixture: FixtureCase) throws {
        let recorded = try fixture.recorded()
        let inputs = try fixture.inputs()
        for file in fixture.files where file.dialect != "keras-json" {
            let model = try Model.open(file.path, graphFrom: file.graphFrom)
            var computed = try model.run(.tensors(inputs), recordsLayers: true).entries
            var recorded = recorded
            if file.dialect == "onnx" {
                // Exporters give outputs names of their own and keep their order; layers are not recorded by ONNX's names.
                recorded = recorded.filter { $0.key.hasPrefix("out/") }
                let outputs = computed.filter { $0.key.hasPrefix("out/") }
                if outputs.count == recorded.count, recorded.keys.allSatisfy({ outputs[$0] == nil }) {
                    for (name, value) in zip(recorded.keys, outputs.values) { computed[name] = value }
                }
            }
            for (name, truth) in recorded {
                let value = try #require(computed[name], "\(file.path) lacks \(name)")
                let share = try fixture.tolerance.share(of: value, recorded: truth)
                #expect(share <= 1, "\(file.path): \(name) is \(share) of the tolerance away")
            }
        }
    }

    @Test("computes in Double what the definitions say, by one thread and by two", arguments: ConformanceCases.runnable)
    func agreesWithReference(_ fixture: FixtureCase) throws {
        guard let file = fixture.files.first(where: { $0.dialect != "keras-json" }) else { return }
        let model = try Model.open(file.path, graphFrom: file.graphFrom)
        let inputs = InputSource.tensors(try fixture.inputs())
        let reference = try model.run(inputs, precision: .reference, recordsLayers: true).entries
        let tolerance = Tolerance(absolute: 1e-10, relative: 1e-10)
        for threads in [1, 2] {
            let pool = ThreadPool(threads: threads)
            let computed = try model.run(inputs, precision: .double, recordsLayers: true, threads: pool).entries
            #expect(computed.keys == reference.keys)
            for (name, truth) in reference {
                let value = try #require(computed[name])
                let share = try tolerance.share(of: value, recorded: truth)
                #expect(share <= 1, "\(name) with \(threads) threads is \(share) of the tolerance away")
            }
        }
    }

    @Test("stops at layers that cannot be run", arguments: ConformanceCases.opaque)
    func stopsAtOpaqueLayers(_ fixture: FixtureCase) throws {
        for file in fixture.files {
            let model = try Model.open(file.path, graphFrom: file.graphFrom)
            #expect(model.graph?.opaqueNodes.isEmpty == false)
            let inputs = InputSource.tensors(try fixture.inputs())
            let error = #expect(throws: AssayError.self) { try model.run(inputs) }
            #expect(error?.code == .notRunnable)
        }
    }

    @Test(
        "computes the same from converted files", arguments: ConformanceCases.runnable,
        ["zten", "safetensors", "npz", "keras", "h5"])
    func survivesConversion(_ fixture: FixtureCase, _ format: String) throws {
        guard let file = fixture.files.first(where: { $0.dialect != "keras-json" }) else { return }
        // No Keras file can be made of an ONNX graph.
        guard file.dialect != "onnx" || !["keras", "h5"].contains(format) else { return }
        let model = try Model.open(file.path, graphFrom: file.graphFrom)
        let folder = TemporaryFolder()
        let path = folder.file("model.\(format)")
        try Conversion(model, to: path).write()
        let inputs = InputSource.tensors(try fixture.inputs())
        let single = ThreadPool.single
        let before = try model.run(inputs, recordsLayers: true, threads: single).entries
        let after = try Model.open(path).run(inputs, recordsLayers: true, threads: single).entries
        #expect(before.keys == after.keys)
        for (name, value) in before {
            let other = try #require(after[name])
            #expect(try value.isBitEqual(to: other), "\(name) has other bits")
        }
    }
}
