// Every Keras file of the collection is read: its layers, parameters and graph are there. Skipped where the collection is
// not there.

import AssayGraph
import AssayKeras
import AssayTensors
import AssayTestSupport
import Testing

@Suite struct ReadingTests {
    /// Every file of the seed and Transformer families reads; a layer for every recorded one.
    @Test(.enabled(if: Fixtures.collection != nil)) func filesOfTheSpineAreRead() throws {
        let cases = try KerasCase.all(families: ["k2-seed", "k3-seed", "k2-transformer", "k3-transformer"])
        var count = 0
        for file in cases.flatMap(\.files) {
            let model = try KerasReader.read(path: file.path, graphFrom: file.graphFrom)
            let graph = try #require(model.graph, "\(file.path)")
            #expect(model.provenance.dialect == file.dialect, "\(file.path)")
            #expect(!graph.outputs.isEmpty && !graph.inputs.isEmpty, "\(file.path)")
            for parameter in model.parameters where file.dialect != "keras-json" {
                #expect(try model.value(of: parameter).shape == parameter.shape, "\(file.path): \(parameter.path)")
            }
            count += 1
        }
        #expect(count > 40)
        print("read \(count) files of \(cases.count) cases")
    }
}
