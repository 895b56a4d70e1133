// Functions in a graph that are no layers: `keras.ops` nodes of Keras 3 and `tf.…` nodes of Keras 2. A function, or a family
// of trivial ones, is one file in this folder and one line in FunctionRegistry.swift.

import AssayGraph
import AssayTensors

/// A function that graphs call as if it were a layer.
protocol KerasFunction: Sendable {
    /// The names for which it stands: the class of a `keras.ops` node (`TrueDivide`), or the path of a TensorFlow function
    /// (`tf.math.truediv`).
    static var names: [String] { get }

    /// The function called `name`, one of `names`.
    init(name: String)

    /// Builds one call; gives the results.
    ///
    /// - Throws: `AssayError.unreadable` when the arguments do not fit.
    func call(_ call: FunctionCall) throws(AssayError) -> [ValueID]
}

/// A function as a layer: it has a name and calls, and no weights; masks do not go through it.
struct FunctionLayer: KerasLayer {
    static let classNames = ["SlicingOpLambda", "TFOpLambda"]

    private let function: (any KerasFunction)?
    private let name: String

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        if FunctionLayer.classNames.contains(configuration.className) {
            name = "tf." + (try configuration.string("function"))
        } else {
            name = configuration.className
        }
        function = FunctionRegistry.function(named: name)
    }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        guard let function else { throw call.configuration.notRunnable("the function \(name) is not known") }
        return try function.call(FunctionCall(call: call))
    }

    /// Whether a configuration is that of a `keras.ops` node. HDF5 does not record the module; layers have `trainable` in
    /// their configuration, and functions only their own attributes.
    static func describes(_ configuration: KerasConfiguration) -> Bool {
        guard configuration.generation == .keras3 else { return false }
        if let module = configuration.module {
            return module.hasPrefix("keras.src.ops") || module.hasPrefix("keras.ops")
        }
        return configuration.values["trainable"] == nil
            && FunctionRegistry.function(named: configuration.className) != nil
    }
}
