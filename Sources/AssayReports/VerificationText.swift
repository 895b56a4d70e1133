// `assay verify`: the verdict, the weights that differ, and the table of layers.

import AssayEquivalence
import AssayTensors

extension EquivalenceReport: Report {
    /// The verdict and why, then weights and layers.
    public func text(on terminal: Terminal) -> String {
        var text = "\(terminal.paint(verdict.rawValue, verdict == .different ? .red : .green)): \(summary.escaped)\n"
        if let firstLayer { text += "first layer that differs: \(terminal.paint(firstLayer.escaped, .bold))\n" }
        for layer in layers where layer.isDifferent {
            let kind = layer.kind.map { "\($0): \(layer.detail ?? "")" }
            let reasons = ([kind].compactMap { $0 } + layer.reasons).joined(separator: "; ")
            if !reasons.isEmpty { text += "  \(layer.path.escaped): \(reasons.escaped)\n" }
        }
        text += toleranceText
        text += "\n" + weightText(on: terminal)
        if layers.contains(where: \.hasMeasures) { text += "\n" + layerTable.text(on: terminal) }
        if !unmatched.isEmpty { text += "\nonly in B: \(unmatched.joined(atMost: 4).escaped)\n" }
        return text
    }

    /// How many elements of each output are outside of the tolerance that was given.
    private var toleranceText: String {
        guard let tolerance else { return "" }
        return outputs.map { output in
            "output \(output.name.escaped): \(output.difference.outsideTolerance) of \(output.difference.count) elements "
                + "outside of \(tolerance.absolute) + \(tolerance.relative) · |b|\n"
        }.joined()
    }

    private func weightText(on terminal: Terminal) -> String {
        let differing = weights.filter { !$0.isBitEqual }
        let equal = weights.count - differing.count
        guard !weights.isEmpty else { return "no weights compared\n" }
        guard !differing.isEmpty else { return "weights: all \(equal) parameters equal bit for bit\n" }
        var table = Table([.text("Weight that differs"), .text("Shape"), .number("Elements"), .number("Max abs")])
        for weight in differing {
            table.add([
                Table.Cell(weight.path), Table.Cell(weight.shape.description),
                Table.Cell(weight.counterpart == nil ? "only in A" : Numbers.grouped(weight.differingElements)),
                Table.Cell(weight.difference.map { Numbers.difference($0.maximumAbsolute) } ?? "–"),
            ])
        }
        return "weights: \(equal) parameters equal bit for bit, \(differing.count) not\n" + table.text(on: terminal)
    }

    private var layerTable: Table {
        var table = Table([
            .text("Layer"), .text("Alone", isFlexible: false), .number("Max abs"), .number("Max rel"), .number("RMS"),
            .number("1 − cosine"), .number("Floor"), .number("ULP 50/99/100 %"), .number("Rounding"),
        ])
        for layer in layers {
            let measures = layer.propagation ?? layer.isolation
            table.add([
                Table.Cell(layer.path, layer.isDifferent ? .red : .plain),
                layer.isDifferent ? Table.Cell("differs", .red) : Table.Cell("same", .green),
                Table.Cell(measures.map { Numbers.difference($0.maximumAbsolute) } ?? "–"),
                Table.Cell(measures.map { Numbers.difference($0.maximumRelative) } ?? "–"),
                Table.Cell(measures.map { Numbers.difference($0.rootMeanSquare) } ?? "–"),
                Table.Cell(measures.map { Numbers.difference(max(0, 1 - $0.cosine)) } ?? "–"),
                Table.Cell(layer.noiseFloor.map(Numbers.difference) ?? "–"),
                Table.Cell(layer.unitsInLastPlace.map { "\($0.median)/\($0.percentile99)/\($0.maximum)" } ?? "–"),
                Table.Cell(layer.explainedByRounding.map(Numbers.percent) ?? "–"),
            ])
        }
        return table
    }
}

extension LayerComparison {
    /// Whether anything was measured on this layer.
    fileprivate var hasMeasures: Bool { isolation != nil || propagation != nil || unitsInLastPlace != nil }
}
