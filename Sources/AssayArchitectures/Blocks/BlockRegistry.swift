// All kinds of blocks, one line each, sorted. What they are made of stands in Schemas/blocks.json.

/// The blocks that can be built.
enum BlockRegistry {
    /// Every block.
    static let all: [any BlockBuilder.Type] = [
        ActivationBlock.self,
        AddBlock.self,
        AtTokenBlock.self,
        AttentionBlock.self,
        BiasBlock.self,
        Conv1DBlock.self,
        EmbeddingBlock.self,
        FoldChoicesBlock.self,
        HeadBiasBlock.self,
        ImageToSequenceBlock.self,
        LastTokenBlock.self,
        LayerNormBlock.self,
        LinearBlock.self,
        MultiplyBlock.self,
        PaddedPositionsBlock.self,
        PaddingMaskBlock.self,
        PatchConvolutionBlock.self,
        PositionsBlock.self,
        PrependBlock.self,
        RMSNormBlock.self,
        RelativeBucketsBlock.self,
        RelativeDistancesBlock.self,
        RelativeScoresBlock.self,
        RotaryBlock.self,
        ScaleBlock.self,
        SelectBlock.self,
        ShiftRightBlock.self,
        SinusoidsBlock.self,
        SplitBlock.self,
        UnfoldChoicesBlock.self,
        UnstackBlock.self,
        VectorBlock.self,
        VectorsBlock.self,
    ]

    /// The builder of a block.
    static func builder(named name: String) -> (any BlockBuilder.Type)? { all.first { $0.name == name } }
}
