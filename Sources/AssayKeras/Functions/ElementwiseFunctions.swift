// Functions of each element alone, of two elements, comparisons and logic: tables of names.

import AssayGraph
import AssayOperators
import AssayTensors

/// A function of each element.
struct ElementFunction: KerasFunction {
    private static let table: [String: UnaryFunction] = [
        "Abs": .absolute, "Absolute": .absolute, "Arccos": .arccos, "Arccosh": .arccosh, "Arcsin": .arcsin,
        "Arcsinh": .arcsinh, "Arctan": .arctan, "Arctanh": .arctanh, "Ceil": .ceil, "Cos": .cos, "Cosh": .cosh,
        "Erf": .erf, "Exp": .exp, "Expm1": .expm1, "Floor": .floor, "Isfinite": .isFinite, "Isinf": .isInfinite,
        "Isnan": .isNaN, "Log": .log, "Log10": .log10, "Log1p": .log1p, "Log2": .log2, "Negative": .negate,
        "Reciprocal": .reciprocal, "Rint": .round, "Round": .round, "Rsqrt": .rsqrt, "Sign": .sign, "Sin": .sin,
        "Sinh": .sinh, "Sqrt": .sqrt, "Square": .square, "Tan": .tan, "Trunc": .truncate,
        "tf.abs": .absolute, "tf.exp": .exp, "tf.math.abs": .absolute, "tf.math.acos": .arccos,
        "tf.math.acosh": .arccosh, "tf.math.asin": .arcsin, "tf.math.asinh": .arcsinh, "tf.math.atan": .arctan,
        "tf.math.atanh": .arctanh, "tf.math.ceil": .ceil, "tf.math.cos": .cos, "tf.math.cosh": .cosh,
        "tf.math.erf": .erf, "tf.math.erfc": .erfc, "tf.math.exp": .exp, "tf.math.expm1": .expm1,
        "tf.math.floor": .floor, "tf.math.is_finite": .isFinite, "tf.math.is_inf": .isInfinite,
        "tf.math.is_nan": .isNaN, "tf.math.log": .log, "tf.math.log1p": .log1p, "tf.math.negative": .negate,
        "tf.math.reciprocal": .reciprocal, "tf.math.rint": .round, "tf.math.round": .round, "tf.math.rsqrt": .rsqrt,
        "tf.math.sign": .sign, "tf.math.sin": .sin, "tf.math.sinh": .sinh, "tf.math.sqrt": .sqrt,
        "tf.math.square": .square, "tf.math.tan": .tan, "tf.negative": .negate, "tf.round": .round,
        "tf.sqrt": .sqrt, "tf.square": .square,
    ]

    static let names = table.keys.sorted()
    private let function: UnaryFunction

    init(name: String) { function = ElementFunction.table[name] ?? .negate }

    func call(_ call: FunctionCall) throws(AssayError) -> [ValueID] {
        let decimals = try call.integer("decimals", default: 0)
        guard decimals == 0 else { throw call.call.configuration.notRunnable("rounds to \(decimals) decimals") }
        return [try call.call.add(Unary(function), call.operand("x", "input", at: 0))]
    }
}

/// A function of two elements.
struct ArithmeticFunction: KerasFunction {
    private static let table: [String: BinaryFunction] = [
        "Add": .add, "Arctan2": .arctan2, "Divide": .divide, "FloorDivide": .floorDivide, "Maximum": .maximum,
        "Minimum": .minimum, "Mod": .modulo, "Multiply": .multiply, "Power": .power, "Subtract": .subtract,
        "TrueDivide": .divide,
        "tf.__operators__.add": .add, "tf.add": .add, "tf.divide": .divide, "tf.math.add": .add,
        "tf.math.atan2": .arctan2, "tf.math.divide": .divide, "tf.math.floordiv": .floorDivide,
        "tf.math.floormod": .modulo, "tf.math.maximum": .maximum, "tf.math.minimum": .minimum,
        "tf.math.mod": .modulo, "tf.math.multiply": .multiply, "tf.math.pow": .power,
        "tf.math.squared_difference": .squaredDifference, "tf.math.subtract": .subtract,
        "tf.math.truediv": .divide, "tf.maximum": .maximum, "tf.minimum": .minimum, "tf.multiply": .multiply,
        "tf.pow": .power, "tf.subtract": .subtract,
    ]

    static let names = table.keys.sorted()
    private let function: BinaryFunction

    init(name: String) { function = ArithmeticFunction.table[name] ?? .add }

    func call(_ call: FunctionCall) throws(AssayError) -> [ValueID] {
        let (a, b) = try call.pair()
        return [try call.call.add(Binary(function), a, b)]
    }
}

/// A comparison of two elements.
struct ComparisonFunction: KerasFunction {
    private static let table: [String: CompareFunction] = [
        "Equal": .equal, "Greater": .greater, "GreaterEqual": .greaterEqual, "Less": .less, "LessEqual": .lessEqual,
        "NotEqual": .notEqual,
        "tf.__operators__.eq": .equal, "tf.__operators__.ne": .notEqual, "tf.equal": .equal,
        "tf.greater": .greater, "tf.math.equal": .equal, "tf.math.greater": .greater,
        "tf.math.greater_equal": .greaterEqual, "tf.math.less": .less, "tf.math.less_equal": .lessEqual,
        "tf.math.not_equal": .notEqual, "tf.not_equal": .notEqual,
    ]

    static let names = table.keys.sorted()
    private let function: CompareFunction

    init(name: String) { function = ComparisonFunction.table[name] ?? .equal }

    func call(_ call: FunctionCall) throws(AssayError) -> [ValueID] {
        let (a, b) = try call.pair()
        return [try call.call.add(Compare(function), a, b)]
    }
}

/// Logic of one or two elements.
struct LogicalFunctions: KerasFunction {
    private static let table: [String: LogicalFunction] = [
        "LogicalAnd": .and, "LogicalOr": .or, "LogicalXor": .xor, "tf.math.logical_and": .and,
        "tf.math.logical_or": .or, "tf.math.logical_xor": .xor,
    ]
    private static let negations = ["LogicalNot", "tf.math.logical_not"]

    static let names = table.keys.sorted() + negations
    private let function: LogicalFunction?

    init(name: String) { function = LogicalFunctions.table[name] }

    func call(_ call: FunctionCall) throws(AssayError) -> [ValueID] {
        guard let function else { return [try call.call.add(LogicalNot(), call.operand("x", at: 0))] }
        let (a, b) = try call.pair()
        return [try call.call.add(Logical(function), a, b)]
    }
}
