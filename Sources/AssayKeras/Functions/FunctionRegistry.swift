// All functions, one line each, sorted.

/// The functions that Assay knows.
enum FunctionRegistry {
    /// Every function.
    static let all: [any KerasFunction.Type] = [
        ArgumentFunction.self,
        ArithmeticFunction.self,
        BroadcastFunction.self,
        CastFunction.self,
        ClipFunction.self,
        ComparisonFunction.self,
        ConcatenateFunction.self,
        ConvolutionFunction.self,
        CumulativeFunction.self,
        EinsumFunction.self,
        ElementFunction.self,
        ExpandDimensionsFunction.self,
        FlattenFunction.self,
        FlipFunction.self,
        GatherFunction.self,
        LikeFunction.self,
        LogSoftmaxFunction.self,
        LogicalFunctions.self,
        MatrixProductFunction.self,
        NeuralFunction.self,
        NormalizeFunction.self,
        OneHotFunction.self,
        PadFunction.self,
        PoolingFunction.self,
        RangeFunction.self,
        ReductionFunction.self,
        RepeatFunction.self,
        ReshapeFunction.self,
        ResizeFunction.self,
        RollFunction.self,
        SelectionFunction.self,
        ShapeFunction.self,
        SliceFunction.self,
        SoftmaxFunction.self,
        SortFunction.self,
        SplitFunction.self,
        SqueezeFunction.self,
        StackFunction.self,
        TensorProductFunction.self,
        TileFunction.self,
        TopFunction.self,
        TransposeFunction.self,
        TriangleFunction.self,
    ]

    private static let types: [String: any KerasFunction.Type] = {
        var types: [String: any KerasFunction.Type] = [:]
        for type in all {
            for name in type.names {
                precondition(types[name] == nil, "\(name) is registered once")
                types[name] = type
            }
        }
        return types
    }()

    /// The function called `name`, nil for an unknown one.
    static func function(named name: String) -> (any KerasFunction)? { types[name]?.init(name: name) }
}
