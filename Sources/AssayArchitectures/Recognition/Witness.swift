// What says how large a dimension is, and what contradicts it.

/// The value of a dimension, and what says so.
public struct Witness: Sendable, Hashable {
    /// The number.
    public var value: Int
    /// The tensor or configuration key that has it: `encoder.layer.0.output.dense.weight axis 0`.
    public var place: String
}

/// Two witnesses that contradict each other, or a relation that does not hold.
public struct Contradiction: Sendable, Hashable {
    /// The dimension, expression or constraint.
    public var dimension: String
    /// What is wrong: the layer, tensor or configuration key that disagrees with the others.
    public var layer: String
    /// What the others say.
    public var first: Witness
    /// What contradicts them.
    public var second: Witness
}

/// A place that gives an expression over dimensions a value: an axis of a tensor, a configuration key, a number of blocks.
struct Claim: Sendable {
    /// What has the value: `d_model`, `heads * head_width`.
    let expression: Expression
    /// The dimensions and settings in the expression.
    let names: Set<String>
    /// The value, and the place.
    let witness: Witness
    /// The layer, tensor or key that is wrong if this is.
    let subject: String
    /// Whether the configuration says it.
    let isConfigured: Bool

    init(expression: Expression, witness: Witness, subject: String, isConfigured: Bool = false) {
        self.expression = expression
        self.names = expression.names
        self.witness = witness
        self.subject = subject
        self.isConfigured = isConfigured
    }
}
