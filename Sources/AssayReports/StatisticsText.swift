// `assay stats`: one row a layer.

import AssayStatistics
import AssayTensors

extension ModelStatistics: Report {
    /// A table, and what stands out below it.
    public func text(on terminal: Terminal) -> String {
        var text = "\(terminal.paint(model.escaped, .bold))  \(batches) batch\(batches == 1 ? "" : "es")\n\n"
        text += table.text(on: terminal)
        let remarks = layers.flatMap(\.remarks)
        if !remarks.isEmpty { text += "\n" + remarks.map { $0.escaped + "\n" }.joined() }
        return text
    }

    private var table: Table {
        var table = Table([
            .text("Layer"), .number("Values"), .number("Mean"), .number("Deviation"), .number("Min"),
            .number("Median"), .number("Max"), .number("Zeros"), .number("Entropy"),
            .text("Histogram", isFlexible: false),
        ])
        for layer in layers {
            let isSingle = layer.minimum == layer.maximum
            let histogram = Histogram(
                minimum: layer.minimum, maximum: layer.maximum,
                counts: layer.finiteCount == 0 || isSingle ? [] : layer.histogram(bins: 12))
            let zeros = layer.count == 0 ? 0 : Double(layer.zeroCount) / Double(layer.count)
            table.add([
                Table.Cell(layer.subject.name), Table.Cell(Numbers.grouped(layer.count)),
                Table.Cell(layer.mean.map(Numbers.short) ?? "–"), Table.Cell(layer.deviation.map(Numbers.short) ?? "–"),
                Table.Cell(layer.finiteCount == 0 ? "–" : Numbers.short(layer.minimum)),
                Table.Cell(layer.quantile(0.5).map(Numbers.short) ?? "–"),
                Table.Cell(layer.finiteCount == 0 ? "–" : Numbers.short(layer.maximum)),
                Table.Cell(zeros == 0 ? "0" : Numbers.percent(zeros)),
                Table.Cell(layer.entropy?.share.map(Numbers.percent) ?? ""), Table.Cell(histogram.sparkline),
            ])
        }
        return table
    }
}

extension LayerStatistics {
    /// What should be looked at, a sentence each.
    fileprivate var remarks: [String] {
        var remarks: [String] = []
        if nonFiniteCount > 0 { remarks.append("\(nonFiniteCount) values are not finite (\(nanCount) NaN)") }
        if let channels, channels.rows > 0 {
            if !channels.dead.isEmpty {
                remarks.append("\(channels.dead.count) of \(channels.count) units never active: \(list(channels.dead))")
            }
            if !channels.alwaysSaturated.isEmpty {
                let units = channels.alwaysSaturated
                remarks.append("\(units.count) of \(channels.count) units always saturated: \(list(units))")
            }
            if let largest = channels.outliers.max(by: { $0.ratio < $1.ratio }) {
                let ratio = Numbers.format("%.3g", largest.ratio)
                remarks.append(
                    "\(channels.outliers.count) outlier channels, the largest (\(largest.channel)) \(ratio) times the median"
                )
            }
        }
        return remarks.map { "\(subject.name): \($0)" }
    }

    private func list(_ units: [Int]) -> String {
        units.prefix(8).map(String.init).joined(separator: ", ") + (units.count > 8 ? ", …" : "")
    }
}
