// The generations of Keras, whose files and semantics differ.

/// A generation of Keras.
public enum KerasGeneration: Int, Sendable, Hashable, Comparable, Codable {
    /// Keras 1: Theano and TensorFlow, `inbound_nodes` of triples.
    case keras1 = 1
    /// Keras 2, in its own package and in TensorFlow up to 2.15.
    case keras2 = 2
    /// Keras 3, over several backends.
    case keras3 = 3

    /// By age.
    public static func < (left: KerasGeneration, right: KerasGeneration) -> Bool { left.rawValue < right.rawValue }

    /// The generation that a version such as `2.15.0` or `2.2.4-tf` names, nil for what is no version.
    init?(version: String) {
        guard let major = version.split(separator: ".").first.flatMap({ Int($0) }) else { return nil }
        self.init(rawValue: major)
    }
}
