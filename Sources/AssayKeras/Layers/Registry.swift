// All layer classes, one line each, sorted.

import AssayTensors

/// The layer classes that Assay knows.
enum KerasRegistry {
    /// Every class.
    static let all: [any KerasLayer.Type] = [
        ActivationLayer.self,
        AdaptivePoolingLayer.self,
        BatchNormalizationLayer.self,
        BidirectionalLayer.self,
        CategoryEncodingLayer.self,
        CenterCropLayer.self,
        ConcatenateLayer.self,
        ConvLSTMLayer.self,
        ConvolutionLayer.self,
        Dense.self,
        DepthwiseConvolutionLayer.self,
        DiscretizationLayer.self,
        DotAttentionLayer.self,
        DotLayer.self,
        EinsumDenseLayer.self,
        EmbeddingLayer.self,
        FlattenLayer.self,
        FunctionLayer.self,
        GlobalAveragePooling1DLayer.self,
        GlobalPoolingLayer.self,
        GroupNormalizationLayer.self,
        GroupedQueryAttentionLayer.self,
        HashingLayer.self,
        IdentityLayer.self,
        InputLayer.self,
        IntegerLookupLayer.self,
        LayerNormalizationLayer.self,
        LocallyConnectedLayer.self,
        MaskingLayer.self,
        MelSpectrogramLayer.self,
        MergeLayer.self,
        ModelLayer.self,
        MultiHeadAttentionLayer.self,
        NormalizationLayer.self,
        OpaqueLayer.self,
        PReLULayer.self,
        PaddingLayer.self,
        PermuteLayer.self,
        PoolingLayer.self,
        RMSNormalizationLayer.self,
        RandomCropLayer.self,
        RandomImageLayer.self,
        RecurrentLayer.self,
        RepeatVectorLayer.self,
        RescalingLayer.self,
        ReshapeLayer.self,
        ResizingLayer.self,
        ReversibleEmbeddingLayer.self,
        STFTSpectrogramLayer.self,
        SeparableConvolutionLayer.self,
        SoftmaxLayer.self,
        SpectralNormalizationLayer.self,
        TimeDistributedLayer.self,
        TransposedConvolutionLayer.self,
        UnitNormalizationLayer.self,
        UpSamplingLayer.self,
    ]

    private static let types: [String: any KerasLayer.Type] = {
        var types: [String: any KerasLayer.Type] = [:]
        for type in all {
            for name in type.classNames {
                precondition(types[name] == nil, "\(name) is registered once")
                types[name] = type
            }
        }
        return types
    }()

    /// The layer that a configuration describes; one of an unknown class is opaque.
    ///
    /// - Throws: `AssayError.unreadable` when the configuration of a known class is wrong.
    static func layer(for configuration: KerasConfiguration) throws(AssayError) -> any KerasLayer {
        // A class registered in a package of its own (`package>Name`) may do anything under a familiar name.
        if let registered = configuration.registeredName, registered.contains(">") {
            return OpaqueLayer(configuration, reason: "a custom class")
        }
        if let reason = reasonNotToRun(configuration) { return OpaqueLayer(configuration, reason: reason) }
        if FunctionLayer.describes(configuration) { return try FunctionLayer(configuration) }
        guard let type = types[configuration.className] else { return try OpaqueLayer(configuration) }
        return try type.init(configuration)
    }

    /// Arguments that Keras's own class always writes, for names that packages use for classes of theirs as well.
    private static let signatures = ["LayerNormalization": "axis", "MultiHeadAttention": "num_heads"]

    /// Why a layer of a known class name cannot be run; nil where it can.
    private static func reasonNotToRun(_ configuration: KerasConfiguration) -> String? {
        if let key = signatures[configuration.className], configuration.values[key] == nil {
            return "a custom class of this name"
        }
        if let mode = configuration["dtype"]?["config"]?["mode"]?.string {
            return "its weights are quantised (\(mode))"
        }
        return nil
    }
}
