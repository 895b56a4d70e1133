// All operators, one line each, sorted. The JSON form of a graph finds them here by name.

import AssayGraph

/// The operators that Assay can run.
public enum OperatorRegistry {
    /// Every operator.
    public static let all: [any Operator.Type] = [
        Attention.self,
        Convolution.self,
        DepthwiseConvolution.self,
        GRU.self,
        LSTM.self,
        Linear.self,
        Pooling.self,
        SimpleRNN.self,
        TransposedConvolution.self,
    ]

    /// The operator called `name`; `Opaque` is known too, nil is returned for an unknown name.
    public static func type(named name: String) -> (any Operation.Type)? {
        if name == Opaque.name { return Opaque.self }
        return all.first { $0.name == name }
    }
}
