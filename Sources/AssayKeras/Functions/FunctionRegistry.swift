// All functions, one line each, sorted.

/// The functions that Assay knows.
enum FunctionRegistry {
    /// Every function.
    static let all: [any KerasFunction.Type] = [
        ArithmeticFunction.self,
        CastFunction.self,
        ComparisonFunction.self,
        ConcatenateFunction.self,
        ElementFunction.self,
        ExpandDimensionsFunction.self,
        FlattenFunction.self,
        GatherFunction.self,
        LogicalFunctions.self,
        NeuralFunction.self,
        PadFunction.self,
        ReductionFunction.self,
        ReshapeFunction.self,
        SelectionFunction.self,
        SliceFunction.self,
        SoftmaxFunction.self,
        SqueezeFunction.self,
        TransposeFunction.self,
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
