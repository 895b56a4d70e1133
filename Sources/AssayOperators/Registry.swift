// All operators, one line each, sorted. The JSON form of a graph finds them here by name.

import AssayGraph

/// The operators that Assay can run.
public enum OperatorRegistry {
    /// Every operator.
    public static let all: [any Operator.Type] = [
        Activation.self,
        Attention.self,
        BatchNormalization.self,
        Binary.self,
        Cast.self,
        Compare.self,
        Concatenate.self,
        Convolution.self,
        DepthwiseConvolution.self,
        Embedding.self,
        ExpandDims.self,
        GRU.self,
        Gather.self,
        Identity.self,
        LSTM.self,
        LayerNormalization.self,
        Linear.self,
        Logical.self,
        LogicalNot.self,
        Pad.self,
        Pooling.self,
        RMSNormalization.self,
        Reduce.self,
        Reshape.self,
        SimpleRNN.self,
        Slice.self,
        Softmax.self,
        Squeeze.self,
        Transpose.self,
        TransposedConvolution.self,
        Unary.self,
        Where.self,
    ]

    /// The operator called `name`; `Opaque` is known too, nil is returned for an unknown name.
    public static func type(named name: String) -> (any Operation.Type)? {
        if name == Opaque.name { return Opaque.self }
        return all.first { $0.name == name }
    }
}
