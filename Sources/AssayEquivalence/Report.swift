// What a comparison of two models says.

import AssayTensors

/// Whether two files hold the same model.
public enum Verdict: String, Sendable, Hashable, CaseIterable {
    /// The same weights bit for bit and the same graph.
    case equal
    /// The same function up to rounding.
    case equivalent
    /// A real difference, however small.
    case different
}

/// How a layer found its counterpart.
public enum Matching: String, Sendable, Hashable {
    /// The same operators on the same weights and inputs: proven without running.
    case proof
    /// The same place in the graph: the same kind of layer on matching inputs.
    case structure
    /// The same path, though the inputs did not match.
    case path
    /// The same values, under every input that was tried.
    case values
    /// Nothing in the other model corresponds.
    case none
}

/// One layer of A and what became of it in B.
public struct LayerComparison: Sendable {
    /// The path in A, with `:n` for a further call.
    public var path: String
    /// The class in A.
    public var className: String
    /// The path in B, nil where nothing corresponds.
    public var counterpart: String?
    /// How the counterpart was found.
    public var matching: Matching
    /// Whether the layer itself really differs, whatever reaches it.
    public var isDifferent = false
    /// Both layers on the same inputs, in Double; nil where that could not be tried.
    public var isolation: Difference?
    /// Each layer on what its own model feeds it, in Double.
    public var propagation: Difference?
    /// How far A's values move when its parameters move by half a unit in their last place.
    public var noiseFloor: Double?
    /// The two Float executions beside each other.
    public var unitsInLastPlace: UnitsInLastPlace?
    /// The share of the Float executions' difference that rounding explains, 0 to 1.
    public var explainedByRounding: Double?
    /// What is different, in words: `kernel differs in 3 of 64 elements`, `epsilon 0.001 for 1e-06`.
    public var reasons: [String] = []
    /// The name of the kind of difference, where it is one that has a name: `epsilon`, `transposed-weight`.
    public var kind: String?
    /// What exactly differs in this way: `LayerNormalization has epsilon 0.001 for 1e-06`.
    public var detail: String?

    /// A layer of A.
    public init(path: String, className: String, counterpart: String?, matching: Matching) {
        self.path = path
        self.className = className
        self.counterpart = counterpart
        self.matching = matching
    }
}

/// One parameter of A beside its counterpart's.
public struct WeightComparison: Sendable {
    /// The parameter's path in A.
    public var path: String
    /// The parameter's path in B, nil where B has none in this role.
    public var counterpart: String?
    /// The shape in A.
    public var shape: Shape
    /// Whether every bit is the same.
    public var isBitEqual: Bool
    /// How many elements differ.
    public var differingElements: Int
    /// The difference in numbers; nil where the shapes differ.
    public var difference: Difference?

    /// A parameter of A beside its counterpart's.
    public init(
        path: String, counterpart: String?, shape: Shape, isBitEqual: Bool, differingElements: Int,
        difference: Difference?
    ) {
        self.path = path
        self.counterpart = counterpart
        self.shape = shape
        self.isBitEqual = isBitEqual
        self.differingElements = differingElements
        self.difference = difference
    }
}

/// What a comparison of two models, or of a model and recorded values, says.
public struct EquivalenceReport: Sendable {
    /// The verdict.
    public var verdict: Verdict
    /// The path in A of the first layer, in topological order, that really differs.
    public var firstLayer: String?
    /// Why the verdict is what it is, in a sentence.
    public var summary: String
    /// The layers of A in topological order.
    public var layers: [LayerComparison]
    /// The parameters of A that have a counterpart, or should.
    public var weights: [WeightComparison]
    /// Paths in B that nothing in A corresponds to.
    public var unmatched: [String]
    /// The model's outputs, in Double.
    public var outputs: [(name: String, difference: Difference)]
    /// The tolerance that the user gave, nil for none.
    public var tolerance: OutputTolerance?

    /// A report.
    public init(
        verdict: Verdict, firstLayer: String?, summary: String, layers: [LayerComparison],
        weights: [WeightComparison], unmatched: [String] = [],
        outputs: [(name: String, difference: Difference)] = []
    ) {
        self.verdict = verdict
        self.firstLayer = firstLayer
        self.summary = summary
        self.layers = layers
        self.weights = weights
        self.unmatched = unmatched
        self.outputs = outputs
    }
}

extension EquivalenceReport {
    /// The report under a tolerance that the user gives: `equivalent` where no element of an output is outside of it.
    func tolerating(_ tolerance: OutputTolerance?) -> EquivalenceReport {
        guard let tolerance else { return self }
        var report = self
        report.tolerance = tolerance
        guard verdict == .different, !outputs.isEmpty, outputs.allSatisfy({ $0.difference.outsideTolerance == 0 })
        else {
            return report
        }
        report.verdict = .equivalent
        report.firstLayer = nil
        report.summary = "within the tolerance that was given; otherwise: \(summary)"
        return report
    }
}
