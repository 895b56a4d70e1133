// `assay inspect --tensor NAME`: statistics, a histogram and values of one tensor.

import AssayTensors

/// One tensor from the inside.
public struct TensorReport: Report, Sendable {
    private let name: String
    private let tensor: Tensor
    private let statistics: TensorStatistics
    private let slice: Slice
    private let values: [Double]

    /// The report on a tensor, with the values of `slice` where one is given.
    ///
    /// - Throws: `AssayError.unreadable` when it cannot be decoded, `AssayError.usage` when the slice does not fit.
    public init(name: String, tensor: Tensor, slice: Slice?) throws(AssayError) {
        self.name = name
        self.tensor = tensor
        try slice?.check(against: tensor.shape)
        let shown = slice ?? Slice.beginning(of: tensor.shape)
        self.slice = shown
        values = try shown.values(of: tensor)
        statistics = try TensorStatistics(of: tensor)
    }

    /// The report as text.
    public func text(on terminal: Terminal) -> String {
        let kind = "\(tensor.type.displayName) \(tensor.shape), \(Numbers.bytes(tensor.byteCount))"
        var text = "\(terminal.paint(name.escaped, .bold))  \(kind)\n"
        text += facts.map { "\($0.0.padded(to: 10)) \($0.1)\n" }.joined()
        if let minimum = statistics.minimum, let maximum = statistics.maximum, minimum < maximum {
            let histogram = Histogram(minimum: minimum, maximum: maximum, counts: statistics.histogram)
            text += "\n" + histogram.text(on: terminal)
        }
        if tensor.shape.count > 0 {
            text += "\n\(name.escaped)\(slice.description)\n" + slice.text(of: values)
        }
        return text
    }

    private var facts: [(String, String)] {
        var facts = [("elements", Numbers.grouped(statistics.count))]
        if let minimum = statistics.minimum, let maximum = statistics.maximum {
            facts += [
                ("mean", Numbers.short(statistics.mean)), ("deviation", Numbers.short(statistics.deviation)),
                ("minimum", Numbers.short(minimum)), ("maximum", Numbers.short(maximum)),
                ("norm", Numbers.short(statistics.norm)),
            ]
        }
        facts.append(("zeros", Numbers.grouped(statistics.zeroCount)))
        if statistics.nanCount > 0 { facts.append(("NaN", Numbers.grouped(statistics.nanCount))) }
        if statistics.infinityCount > 0 { facts.append(("infinite", Numbers.grouped(statistics.infinityCount))) }
        return facts
    }

    /// The report for programs.
    public var json: JSON {
        [
            "name": .string(name), "type": .string(tensor.type.displayName), "shape": JSON(tensor.shape.extents),
            "count": .integer(statistics.count), "mean": .number(statistics.mean),
            "deviation": .number(statistics.deviation),
            "minimum": statistics.minimum.map { .number($0) } ?? .null,
            "maximum": statistics.maximum.map { .number($0) } ?? .null,
            "norm": .number(statistics.norm), "zeros": .integer(statistics.zeroCount),
            "nan": .integer(statistics.nanCount), "infinite": .integer(statistics.infinityCount),
            "histogram": JSON(statistics.histogram), "slice": .string(slice.description),
            "values": .array(values.map { .number($0) }),
        ]
    }
}
