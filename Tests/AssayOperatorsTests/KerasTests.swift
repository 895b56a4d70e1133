// The references, and the fast path in double, against what Keras computed in float64 (Tests/make_keras_cases.py).

import AssayGraph
import AssayTensors
import AssayTestSupport
import Testing

@testable import AssayOperators

@Suite struct KerasTests {
    @Test func operatorsAgreeWithKeras() throws {
        let json = try Fixtures.json(Fixtures.folder + "/operators/keras.json")
        let entries = json["cases"]?.array ?? []
        #expect(entries.count >= 40)
        for entry in entries {
            let test = try OperatorCase(keras: entry)
            let truth = try #require(entry["results"]?.array).map(ReferenceTensor.init(keras:))
            let relative = try #require(entry["relative"]?.number)
            let reference = try test.operation.reference(test.operands)
            let fast = try test.fast(Double.self, threads: 2)
            #expect(reference.count == truth.count, "\(test.name): number of results")
            for (index, expected) in truth.enumerated() {
                // Keras does not tell the probabilities of every attention.
                guard let expected else { continue }
                expected.expectClose(reference[index], relative: relative, "\(test.name), reference")
                expected.expectClose(fast[index], relative: relative, "\(test.name), fast")
            }
        }
    }
}

extension OperatorCase {
    /// A recorded case; the operation is read as from the JSON form of a graph.
    fileprivate init(keras json: JSON) throws {
        let type = try #require(OperatorRegistry.type(named: json["operator"]?.string ?? ""))
        let attributes = try #require(json["attributes"])
        let operation = try #require(try attributes.decoded(as: type) as? any Operator)
        let operands = try #require(json["operands"]?.array).map(ReferenceTensor.init(keras:))
        self.init(json["name"]?.string ?? "", operation, operands)
    }
}

extension ReferenceTensor {
    /// A recorded tensor; nil for one that is left out.
    fileprivate init?(keras json: JSON) {
        guard let type = json["type"]?.string.flatMap(ElementType.init(rawValue:)),
            let shape = json["shape"]?.array?.compactMap(\.integer),
            let values = json["values"]?.array?.compactMap(\.number)
        else { return nil }
        self.init(type, shape, values)
    }
}
