// Every operator in the registry has a formula, a case in the suite, and a name of its own; attributes survive their JSON
// form.

import AssayGraph
import Testing

@testable import AssayOperators

/// Every case that the runners take.
let allCases: [OperatorCase] = [
    binaryCases, comparisonCases, unaryCases, normalizationCases, movementCases, reductionCases, productCases,
    attentionCases, additiveCases, recurrentCases, convolutionCases, depthwiseCases, transposedCases, poolingCases,
    resizeCases, imageCases, positionCases,
].flatMap { $0 }

@Suite struct RegistryTests {
    @Test func everyOperatorHasAFormulaAndACase() {
        let covered = Set(allCases.map { $0.operation.name })
        for type in OperatorRegistry.all {
            #expect(!type.formula.isEmpty, "\(type.name) has no formula")
            #expect(covered.contains(type.name), "\(type.name) has no case")
        }
    }

    @Test func namesAreSortedAndFound() {
        let names = OperatorRegistry.all.map { $0.name }
        #expect(names == names.sorted())
        #expect(Set(names).count == names.count)
        for type in OperatorRegistry.all {
            #expect(String(describing: type) == type.name)
            #expect(OperatorRegistry.type(named: type.name) == type)
        }
    }
}
