// The seam: what a layer class gives. One class (or a close family of trivial ones) is one file in this folder, and one line
// in Registry.swift.

import AssayGraph
import AssayTensors

/// A layer class of Keras, with the arguments that one configuration gives it.
///
/// `call` does what Keras's `build` and `call` do: it asks for its weights, in the order in which Keras makes them, and adds
/// the operators that compute the outputs. Weights asked for again, in a later call of a shared layer, are the same ones.
protocol KerasLayer: Sendable {
    /// The class names for which it stands.
    static var classNames: [String] { get }

    /// The layer that a configuration describes.
    ///
    /// - Throws: `AssayError.unreadable` naming the layer and the key, for an argument that is missing or out of bounds.
    init(_ configuration: KerasConfiguration) throws(AssayError)

    /// Whether a mask on the first argument goes on to the outputs (Keras's `supports_masking`).
    var supportsMasking: Bool { get }

    /// Builds one call of the layer; gives its outputs.
    ///
    /// - Throws: `AssayError.unreadable` when the inputs do not fit.
    func call(_ call: KerasCall) throws(AssayError) -> [ValueID]

    /// The masks of the outputs (Keras's `compute_mask`), for a layer that supports masking. `previous` are the masks of the
    /// first argument's tensors as they were before the call, or the mask that was passed.
    func outputMasks(
        _ call: KerasCall, outputs: [ValueID], previous: [ValueID?]
    ) throws(AssayError) -> [ValueID?]
}

extension KerasLayer {
    /// No.
    var supportsMasking: Bool { false }

    /// The mask that came in.
    func outputMasks(
        _ call: KerasCall, outputs: [ValueID], previous: [ValueID?]
    ) throws(AssayError) -> [ValueID?] {
        previous
    }
}
