// The JSON form of a layer's statistics (Schemas/statistics.schema.json): the measures for people and programs, and the exact
// state from which parts are merged. Reading takes the state alone.

import AssayGraph
import AssayTensors

extension LayerStatistics {
    /// The quantiles that are written.
    static let writtenQuantiles = [0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999]
    /// The bins of the histogram that is written.
    static let writtenBins = 32

    /// Measures and state.
    public var json: JSON {
        [
            "path": .string(subject.name), "class": .string(subject.className),
            "shape": subject.shape.map { .array($0.map(\.json)) } ?? .null,
            "activation": subject.activation.json, "count": .integer(count), "zeros": .integer(zeroCount),
            "nan": .integer(nanCount), "positive_infinity": .integer(positiveInfinityCount),
            "negative_infinity": .integer(negativeInfinityCount), "minimum": JSON(finite: minimum),
            "maximum": JSON(finite: maximum), "mean": JSON(optional: mean), "deviation": JSON(optional: deviation),
            "norm": JSON(finite: norm),
            "quantiles": .array(
                LayerStatistics.writtenQuantiles.map { q in
                    [.number(q), JSON(optional: quantile(q))]
                }),
            "histogram": finiteCount == 0 ? [] : JSON(histogram(bins: LayerStatistics.writtenBins)),
            "channels": channels?.json ?? .null, "entropy": entropy?.json ?? .null,
            "state": [
                "sum": sum.json, "sum_of_squares": sumOfSquares.json, "positive": sketch.positive.json,
                "negative": sketch.negative.json,
            ],
        ]
    }

    /// The statistics that this JSON says.
    ///
    /// - Throws: `AssayError.unreadable` when it is not of this form, or its counts contradict each other.
    public init(json: JSON) throws(AssayError) {
        let reader = StatisticsReader(json)
        let shape: [Dimension]? =
            if json["shape"]?.isNull ?? true { nil } else { try reader.list("shape", Dimension.init(json:)) }
        self.init(
            Subject(
                name: try reader.text("path"), className: try reader.text("class"), shape: shape,
                activation: try ActivationClass(json: reader.member("activation"))))
        nanCount = try reader.count("nan")
        positiveInfinityCount = try reader.count("positive_infinity")
        negativeInfinityCount = try reader.count("negative_infinity")
        minimum = try reader.number("minimum") ?? .infinity
        maximum = try reader.number("maximum") ?? -.infinity
        let state = StatisticsReader(try reader.member("state"))
        sum = try ExactSum(json: state.member("sum"))
        sumOfSquares = try ExactSum(json: state.member("sum_of_squares"))
        sketch = QuantileSketch(
            positive: try QuantileSketch.Buckets(json: state.member("positive")),
            negative: try QuantileSketch.Buckets(json: state.member("negative")), zeros: try reader.count("zeros"))
        if channels != nil { channels = try ChannelStatistics(json: reader.member("channels")) }
        if entropy != nil { entropy = try EntropyStatistics(json: reader.member("entropy")) }
        let count = count
        guard try reader.count("count") == count, count <= QuantileSketch.countLimit,
            channels.map({ $0.count == subject.channelCount && $0.rows <= count }) ?? true,
            entropy.map({ $0.rows <= count }) ?? true
        else {
            throw .unreadable("the counts of a layer contradict each other", object: subject.name)
        }
    }
}

extension ChannelStatistics {
    fileprivate var json: JSON {
        [
            "rows": .integer(rows), "magnitudes": .array(magnitudes.map { .number($0) }), "active": JSON(active),
            "saturated": JSON(saturated), "dead": JSON(dead), "always_saturated": JSON(alwaysSaturated),
            "outliers": .array(
                outliers.map { outlier in
                    [
                        "channel": .integer(outlier.channel), "magnitude": .number(outlier.magnitude),
                        "ratio": JSON(finite: outlier.ratio),
                    ]
                }),
        ]
    }

    fileprivate init(json: JSON) throws(AssayError) {
        let reader = StatisticsReader(json)
        rows = try reader.count("rows")
        magnitudes = try reader.list("magnitudes") { (value) throws(AssayError) in
            guard let number = value.number, number >= 0, number.isFinite else {
                throw .unreadable("a magnitude is not a number that is not negative")
            }
            return number
        }
        active = try reader.list("active", StatisticsReader.count)
        saturated = try reader.list("saturated", StatisticsReader.count)
        let limit = rows
        guard active.count == magnitudes.count, saturated.count == magnitudes.count,
            (active + saturated).allSatisfy({ $0 <= limit })
        else { throw .unreadable("the lists of channels contradict each other") }
    }
}

extension EntropyStatistics {
    fileprivate var json: JSON {
        [
            "rows": .integer(rows), "mean": JSON(optional: mean), "share": JSON(optional: share),
            "minimum": JSON(finite: minimum), "maximum": JSON(finite: maximum), "sum": sum.json,
            "sum_of_limits": sumOfLimits.json,
        ]
    }

    fileprivate init(json: JSON) throws(AssayError) {
        let reader = StatisticsReader(json)
        rows = try reader.count("rows")
        minimum = try reader.number("minimum") ?? .infinity
        maximum = try reader.number("maximum") ?? -.infinity
        sum = try ExactSum(json: reader.member("sum"))
        sumOfLimits = try ExactSum(json: reader.member("sum_of_limits"))
    }
}
