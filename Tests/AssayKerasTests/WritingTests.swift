// Keras files written again and in every other target: the same tensors, configuration and results, bit for bit.

import AssayContainers
import AssayExecution
import AssayGraph
import AssayOperators
import AssayTensors
import AssayTestSupport
import Testing

@testable import AssayKeras

@Suite struct WritingTests {
    /// The cases that are in the repository, and where the collection is there those of the families that matter here.
    static let files: [KerasCase.File] = {
        let own = (try? KerasCase.all(families: ["k2-", "k3-"], in: Fixtures.folder)) ?? []
        let families = [
            "k2-seed", "k3-seed", "k2-transformer", "k3-transformer", "k2-layers-lstm", "k2-layers-gru",
            "k2-layers-bidirectional", "k2-layers-mha", "k3-dialect-nested",
        ]
        let more = (try? KerasCase.all(families: families)) ?? []
        let known = Set(own.map(\.name))
        return (own + more.filter { !known.contains($0.name) }).flatMap(\.files)
            .filter { $0.dialect != "keras-json" && $0.dialect != "onnx" }
    }()

    /// Its own target: every tensor by its name, every attribute of every group.
    @Test func filesAreWrittenAgain() throws {
        // Shards are written as one file, whose tensors come in another order.
        for file in Self.files where file.dialect != "keras-weights-sharded" {
            let source = try KerasReader.read(path: file.path, graphFrom: file.graphFrom)
            let target = try #require(KerasDialect(rawValue: file.dialect)?.target)
            let copy = try written(source, as: target, graphFrom: file.graphFrom)
            #expect(Array(copy.tensors.keys) == Array(source.tensors.keys), "\(file.path)")
            try expectEqualTensors(copy, source, file.path)
            for (key, value) in source.provenance.attributes where key != "graph_from" {
                #expect(copy.provenance.attributes[key] == value, "\(file.path): \(key)")
            }
        }
        #expect(!Self.files.isEmpty)
    }

    /// Another target and back: the same parameters and configuration, and the same tensors however many there were.
    @Test(arguments: KerasTarget.allCases.filter { $0 != .architecture })
    func filesComeBack(from target: KerasTarget) throws {
        var count = 0
        for file in Self.files {
            let source = try KerasReader.read(path: file.path, graphFrom: file.graphFrom)
            guard let own = KerasDialect(rawValue: file.dialect)?.target, own != target,
                let graph = source.graph, !graph.nodes.contains(where: { $0.operation is Opaque })
            else { continue }
            count += 1
            let there = try written(source, as: target, graphFrom: file.graphFrom ?? file.path)
            try expectEqualParameters(there, source, "\(file.path) as \(target.rawValue)")
            let back = try written(there, as: own, graphFrom: file.graphFrom ?? file.path)
            try expectEqualParameters(back, source, "\(file.path) from \(target.rawValue)")
            guard target != .legacyWeights else { continue }
            try expectNothingLost(back, source, "\(file.path) from \(target.rawValue)")
            if target != .objectWeights, own == .wholeHDF5 || own == .archive {
                let key = own == .wholeHDF5 ? "model_config" : "config.json"
                #expect(
                    configuration(back, key) == configuration(source, key), "\(file.path) from \(target.rawValue)")
            }
        }
        #expect(count > 0)
        print("\(count) files to \(target.rawValue) and back")
    }

    /// The file of another target computes what the source does.
    @Test func convertedFilesRun() throws {
        var count = 0
        for file in Self.files {
            let source = try KerasReader.read(path: file.path, graphFrom: file.graphFrom)
            guard let graph = source.graph, !graph.nodes.contains(where: { $0.operation is Opaque }) else { continue }
            let inputs = try RandomInputs(source).inputs(seed: 7)
            let expected = try ModelRunner(source).run(inputs)
            for target in [KerasTarget.wholeHDF5, .archive] {
                let copy = try written(source, as: target, graphFrom: nil)
                let outputs = try ModelRunner(copy).run(inputs)
                for (name, output) in expected.outputs {
                    #expect(
                        try outputs.outputs[name]?.isBitEqual(to: output) ?? false,
                        "\(file.path) as \(target.rawValue): \(name)")
                }
            }
            count += 1
        }
        #expect(count > 0)
    }

    /// Lists of names that no attribute can hold are split as NumPy splits arrays, and read again.
    @Test func longListsOfNamesAreSplit() throws {
        let folder = TemporaryFolder()
        let names = (0..<5000).map { "a_layer_with_a_long_name_\($0)" }
        var layout = WeightLayout()
        layout.addNames(names, "layer_names", of: "/")
        let model = Model(name: "", graph: nil, parameters: [], tensors: [:], provenance: .init(dialect: "", path: ""))
        try layout.writer(for: model).write(to: folder.file("long.h5"))
        let root = try HDF5File.open(MappedFile(path: folder.file("long.h5"))).root
        let parts = (0..<3).map { root.attributes["layer_names\($0)"]?.strings ?? [] }
        #expect(parts.flatMap { $0 } == names)
        #expect(root.attributes.count == 3)
    }

    // MARK: Helpers

    /// The model as it is read from a file of `target`.
    private func written(
        _ model: Model, as target: KerasTarget, graphFrom: String?
    ) throws -> Model {
        let folder = TemporaryFolder()
        let path = folder.file("written")
        try KerasWriter(model, as: target).write(to: path)
        #expect(folder.names == ["written"])
        let isWeights = target == .objectWeights || target == .legacyWeights
        return try KerasReader.read(path: path, graphFrom: isWeights ? graphFrom : nil)
    }

    private func expectEqualTensors(_ copy: Model, _ source: Model, _ what: String) throws {
        for (name, tensor) in source.tensors {
            #expect(try copy.tensors[name]?.isBitEqual(to: tensor) ?? false, "\(what): \(name)")
        }
    }

    /// Every tensor of the source is there, the optimizer's too, under whatever name.
    private func expectNothingLost(_ back: Model, _ source: Model, _ what: String) throws {
        for (name, tensor) in source.tensors {
            let isThere = try back.tensors.values.contains { try $0.isBitEqual(to: tensor) }
            #expect(isThere, "\(what): \(name)")
        }
    }

    private func expectEqualParameters(_ copy: Model, _ source: Model, _ what: String) throws {
        #expect(copy.parameters.map(\.path) == source.parameters.map(\.path), "\(what)")
        for (mine, other) in zip(copy.parameters, source.parameters) {
            #expect(try copy.value(of: mine).isBitEqual(to: source.value(of: other)), "\(what): \(mine.path)")
        }
    }

    /// The configuration of a file, without the modules that archives name and legacy HDF5 does not.
    private func configuration(_ model: Model, _ key: String) -> [JSON?] {
        let entry = model.provenance.attributes[key]
        return ["class_name", "config"].map { entry?[$0].map(withoutModules) }
            + [model.provenance.attributes["training_config"]]
    }

    private func withoutModules(_ json: JSON) -> JSON {
        switch json {
        case .array(let elements): .array(elements.map(withoutModules))
        case .object(let members):
            .object(members.filter { !["module", "registered_name"].contains($0.key) }.mapValues(withoutModules))
        default: json
        }
    }
}
