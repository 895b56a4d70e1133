// The references against what NumPy computes, and the fast path in double against the same.

import AssayTensors
import Testing

@testable import AssayOperators

@Suite struct RecordedTests {
    @Test func referencesAgreeWithNumPy() throws {
        let cases = try RecordedCase.all()
        #expect(cases.count > 80)
        for recorded in cases {
            let operation = try #require(recorded.operation, "no operation for \(recorded.name)")
            let results = try operation.reference(recorded.operands)
            #expect(results.count == recorded.results.count, "\(recorded.name)")
            for (truth, result) in zip(recorded.results, results) {
                truth.expectClose(result, relative: 1e-12, recorded.name)
            }
        }
    }

    @Test func fastPathAgreesWithNumPy() throws {
        for recorded in try RecordedCase.all() {
            let operation = try #require(recorded.operation, "no operation for \(recorded.name)")
            let results = try OperatorCase(recorded.name, operation, recorded.operands).fast(Double.self, threads: 2)
            for (truth, result) in zip(recorded.results, results) {
                truth.expectClose(result, relative: 1e-11, recorded.name)
            }
        }
    }
}
