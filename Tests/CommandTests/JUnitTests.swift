// JUnit XML of a comparison.

import AssayEquivalence
import AssayReports
import Testing

@Suite("JUnit")
struct JUnitTests {
    @Test("a layer that differs is a failure; names are escaped")
    func report() {
        var bad = LayerComparison(path: "a<b>&\"c\"\u{1}", className: "Dense", counterpart: nil, matching: .path)
        bad.isDifferent = true
        bad.kind = "scaled"
        bad.detail = "kernel is times 2 in B"
        let good = LayerComparison(path: "good", className: "Dense", counterpart: "good", matching: .proof)
        let report = EquivalenceReport(
            verdict: .different, firstLayer: bad.path, summary: "", layers: [good, bad], weights: [])
        #expect(
            report.junit == """
                <?xml version="1.0" encoding="UTF-8"?>
                <testsuite name="assay verify" tests="3" failures="1" errors="0">
                  <testcase classname="Dense" name="good"/>
                  <testcase classname="Dense" name="a&lt;b&gt;&amp;&quot;c&quot;\\u{1}"><failure \
                message="scaled; kernel is times 2 in B"/></testcase>
                  <testcase classname="model" name="verdict"/>
                </testsuite>

                """)
    }

    @Test("outputs that differ although no layer does are a failure of their own")
    func unexplained() {
        let report = EquivalenceReport(
            verdict: .different, firstLayer: nil, summary: "the outputs differ", layers: [], weights: [])
        #expect(report.junit.contains("name=\"verdict\"><failure message=\"the outputs differ\"/>"))
    }
}
