// The JSON form of a model's statistics (Schemas/statistics.schema.json), and of the parts that they are made of.

import AssayGraph
import AssayTensors

extension ModelStatistics {
    private static let format = "assay-statistics"
    private static let version = 1

    /// Measures and state of all layers.
    public var json: JSON {
        [
            "format": .string(ModelStatistics.format), "version": .integer(ModelStatistics.version),
            "model": .string(model), "batches": .integer(batches),
            "quantile_accuracy": .number(QuantileSketch.relativeAccuracy), "layers": .array(layers.map(\.json)),
        ]
    }

    /// The statistics that this JSON says.
    ///
    /// - Throws: `AssayError.unreadable` when it is not of this form.
    public init(json: JSON) throws(AssayError) {
        guard json["format"]?.string == ModelStatistics.format, json["version"]?.integer == ModelStatistics.version
        else {
            throw .unreadable(
                "not statistics of Assay", expected: "\(ModelStatistics.format) version \(ModelStatistics.version)",
                found: json["format"]?.string)
        }
        let reader = StatisticsReader(json)
        self.init(
            model: try reader.text("model"), layers: try reader.list("layers", LayerStatistics.init(json:)))
        batches = try reader.count("batches")
    }
}

/// Reads members of an object that must be there.
struct StatisticsReader {
    let json: JSON

    init(_ json: JSON) { self.json = json }

    func member(_ key: String) throws(AssayError) -> JSON {
        guard let value = json[key] else { throw .unreadable("the statistics have no \(key)") }
        return value
    }

    func text(_ key: String) throws(AssayError) -> String {
        guard let text = try member(key).string else { throw .unreadable("\(key) is not a text") }
        return text
    }

    /// A finite number; nil for `null`.
    func number(_ key: String) throws(AssayError) -> Double? {
        let value = try member(key)
        if value.isNull { return nil }
        guard let number = value.number, number.isFinite else { throw .unreadable("\(key) is not a finite number") }
        return number
    }

    func count(_ key: String) throws(AssayError) -> Int {
        do throws(AssayError) { return try StatisticsReader.count(member(key)) } catch {
            throw error.located(object: key)
        }
    }

    static func count(_ json: JSON) throws(AssayError) -> Int {
        guard let count = json.integer, (0...QuantileSketch.countLimit).contains(count) else {
            throw .unreadable("not a count")
        }
        return count
    }

    func list<Element>(
        _ key: String, _ element: (JSON) throws(AssayError) -> Element
    ) throws(AssayError) -> [Element] {
        guard let array = try member(key).array else { throw .unreadable("\(key) is not a list") }
        var elements: [Element] = []
        for value in array { elements.append(try element(value)) }
        return elements
    }
}

extension JSON {
    /// A number as JSON can say it, `null` for none.
    init(optional value: Double?) { self = value.map { JSON(finite: $0) } ?? .null }
}

extension ExactSum {
    /// The digits that are not zero, each with its index.
    var json: JSON { .array(storedDigits.map { [.integer($0.index), .integer($0.digit)] }) }

    /// The sum that this JSON says.
    init(json: JSON) throws(AssayError) {
        var digits: [(index: Int, digit: Int)] = []
        for pair in json.array ?? [.null] {
            guard let index = pair[0]?.integer, let digit = pair[1]?.integer else {
                throw .unreadable("an exact sum is not a list of indices and digits")
            }
            digits.append((index, digit))
        }
        guard let sum = ExactSum(storedDigits: digits) else { throw .unreadable("no exact sum has such digits") }
        self = sum
    }
}

extension QuantileSketch.Buckets {
    /// The first bucket and the counts from there on.
    var json: JSON { ["start": .integer(start), "counts": JSON(counts)] }

    /// The counts that this JSON says.
    init(json: JSON) throws(AssayError) {
        let reader = StatisticsReader(json)
        guard
            let buckets = QuantileSketch.Buckets(
                start: try reader.count("start"), counts: try reader.list("counts", StatisticsReader.count))
        else { throw .unreadable("no sketch has such buckets") }
        self = buckets
    }
}

extension Dimension {
    /// A number or a text.
    var json: JSON {
        switch self {
        case .known(let value): .integer(value)
        case .symbolic(let text): .string(text)
        }
    }

    /// The extent that this JSON says.
    init(json: JSON) throws(AssayError) {
        if let value = json.integer, value >= 0 {
            self = .known(value)
        } else if let text = json.string {
            self = .symbolic(text)
        } else {
            throw .unreadable("an extent is neither a number nor a text")
        }
    }
}

extension ActivationClass {
    /// The kind and its limits.
    var json: JSON {
        switch self {
        case .unbounded: ["kind": "unbounded"]
        case .rectifier(let upper): ["kind": "rectifier", "upper": JSON(optional: upper)]
        case .bounded(let lower, let upper): ["kind": "bounded", "lower": .number(lower), "upper": .number(upper)]
        case .probabilities: ["kind": "probabilities"]
        }
    }

    /// The kind that this JSON says.
    init(json: JSON) throws(AssayError) {
        let reader = StatisticsReader(json)
        switch try reader.text("kind") {
        case "unbounded": self = .unbounded
        case "rectifier": self = .rectifier(upper: try reader.number("upper"))
        case "bounded":
            guard let lower = try reader.number("lower"), let upper = try reader.number("upper") else {
                throw .unreadable("a bounded activation without limits")
            }
            self = .bounded(lower: lower, upper: upper)
        case "probabilities": self = .probabilities
        case let kind: throw .unreadable("unknown kind of activation", found: kind)
        }
    }
}
