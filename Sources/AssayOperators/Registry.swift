// All operators, one line each, sorted. The JSON form of a graph finds them here by name.

import AssayGraph

/// The operators that Assay can run.
public enum OperatorRegistry {
    /// Every operator.
    public static let all: [any Operator.Type] = [
        Activation.self,
        AdaptivePooling.self,
        AdditiveAttention.self,
        ArgReduce.self,
        Attention.self,
        BandPart.self,
        BatchNormalization.self,
        BinBoundaries.self,
        Binary.self,
        BroadcastTo.self,
        Cast.self,
        Clip.self,
        Compare.self,
        Concatenate.self,
        Convolution.self,
        ConvolutionalLSTM.self,
        CumulativeSum.self,
        DepthwiseConvolution.self,
        Einsum.self,
        Embedding.self,
        ExpandDims.self,
        Fill.self,
        GRU.self,
        GatedLinearUnit.self,
        Gather.self,
        GatherElements.self,
        GatherND.self,
        GroupNormalization.self,
        Identity.self,
        LSTM.self,
        LayerNormalization.self,
        Linear.self,
        LocallyConnected.self,
        LogSoftmax.self,
        Logical.self,
        LogicalNot.self,
        MatMul.self,
        NumberRange.self,
        OneHot.self,
        Pad.self,
        ParametricRelu.self,
        Pooling.self,
        RMSNormalization.self,
        Reduce.self,
        Repeat.self,
        Reshape.self,
        Resize.self,
        Reverse.self,
        ReverseSequence.self,
        Roll.self,
        ScatterElements.self,
        ScatterND.self,
        ShapeOf.self,
        SimpleRNN.self,
        Slice.self,
        Softmax.self,
        Sparsemax.self,
        Split.self,
        Squeeze.self,
        Stack.self,
        Tile.self,
        TopK.self,
        Transpose.self,
        TransposedConvolution.self,
        Triangle.self,
        Unary.self,
        UnitNormalization.self,
        Where.self,
    ]

    /// The operator called `name`; `Opaque` is known too, nil is returned for an unknown name.
    public static func type(named name: String) -> (any Operation.Type)? {
        if name == Opaque.name { return Opaque.self }
        return all.first { $0.name == name }
    }
}
