// The report as JUnit XML, for continuous integration: one test case a layer, or a weight where there are no layers.

import AssayEquivalence

extension EquivalenceReport {
    /// The report as a JUnit test suite.
    ///
    /// A layer that differs is a failure with its reasons; outputs that differ although no layer does are one of their own.
    public var junit: String {
        var cases = layers.map { layer in
            JUnitCase(
                className: layer.className, name: layer.path,
                failure: layer.isDifferent
                    ? ([layer.kind, layer.detail].compactMap { $0 } + layer.reasons).joined(separator: "; ") : nil)
        }
        if layers.isEmpty {
            cases = weights.map { weight in
                JUnitCase(
                    className: "weight", name: weight.path,
                    failure: weight.isBitEqual ? nil : "\(weight.differingElements) elements differ")
            }
        }
        let isExplained = verdict != .different || cases.contains { $0.failure != nil }
        cases.append(JUnitCase(className: "model", name: "verdict", failure: isExplained ? nil : summary))
        let failures = cases.count { $0.failure != nil }
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuite name="assay verify" tests="\(cases.count)" failures="\(failures)" errors="0">
            \(cases.map(\.xml).joined(separator: "\n"))
            </testsuite>

            """
    }
}

/// One test case.
private struct JUnitCase {
    let className: String
    let name: String
    /// Why it failed; nil where it did not.
    let failure: String?

    var xml: String {
        let start = "  <testcase classname=\"\(className.xmlEscaped)\" name=\"\(name.xmlEscaped)\""
        guard let failure else { return "\(start)/>" }
        let message = failure.isEmpty ? "differs" : failure
        return "\(start)><failure message=\"\(message.xmlEscaped)\"/></testcase>"
    }
}

extension String {
    /// The text as an XML attribute may have it: markup as entities, and what XML cannot say written out.
    var xmlEscaped: String {
        var result = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FFFE}"..."\u{FFFF}":
                result += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
