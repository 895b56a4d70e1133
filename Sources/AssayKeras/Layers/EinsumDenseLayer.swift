// EinsumDense: a product with a kernel by an equation, a bias, an activation.

import AssayGraph
import AssayOperators
import AssayTensors

/// y = activation(einsum(equation, x, kernel) + bias).
struct EinsumDenseLayer: KerasLayer {
    static let classNames = ["EinsumDense"]

    private let equation: EinsumDenseEquation
    private let activation: KerasActivation

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        equation = try EinsumDenseEquation(configuration)
        activation = try configuration.activation()
    }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        let x = try call.input()
        let shapes = try equation.weightShapes(for: call.shape(of: x), call)
        let kernel = try call.weight("kernel", shapes.kernel)
        var y = try call.add(Einsum(equation: equation.text), x, kernel)
        if let shape = shapes.bias { y = try call.add(Binary(.add), y, call.weight("bias", shape)) }
        return [try activation.apply(to: y, in: call)]
    }
}

/// The equation of an EinsumDense layer: `ab,bc->ac`, with an ellipsis before or behind.
private struct EinsumDenseEquation {
    let text: String
    private let input: [Character]
    private let kernel: [Character]
    private let output: [Character]
    private let ellipsisLeads: Bool
    private let outputShape: [Int?]
    private let biasAxes: [Character]?

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        let equation = try configuration.string("equation").filter { $0 != " " }
        let sides = equation.split(separator: "->", omittingEmptySubsequences: false)
        let operands = sides.first?.split(separator: ",", omittingEmptySubsequences: false) ?? []
        guard sides.count == 2, operands.count == 2, equation.count <= 128 else {
            throw configuration.invalid("equation", expected: "two operands and a result, as ab,bc->ac")
        }
        text = equation
        ellipsisLeads = operands[0].hasPrefix("...")
        input = operands[0].filter(\.isLetter)
        kernel = operands[1].filter(\.isLetter)
        output = sides[1].filter(\.isLetter)
        let named = try configuration.integers("output_shape", in: 0...KerasConfiguration.largestCount, orNull: true)
        outputShape = named ?? []
        biasAxes = configuration["bias_axes"] == nil ? nil : Array(try configuration.string("bias_axes"))
        guard biasAxes?.allSatisfy(output.contains) ?? true else {
            throw configuration.invalid("bias_axes", expected: "letters of the result")
        }
    }

    /// The shapes of kernel and bias, by the extents of the input's axes and the result's.
    func weightShapes(
        for input: [Dimension], _ call: KerasCall
    ) throws(AssayError) -> (kernel: [Dimension], bias: [Dimension]?) {
        let hasEllipsis = text.contains("...")
        guard hasEllipsis ? input.count >= self.input.count : input.count == self.input.count else {
            throw call.configuration.unsupported("the input \(input.text) does not fit the equation \(text)")
        }
        var extents: [Character: Dimension] = [:]
        // The configured shape covers all axes of the result but the batch; with an ellipsis in front, the last ones.
        for (letter, extent) in zip(output.reversed(), outputShape.reversed()) where extent != nil {
            extents[letter] = extent.map { .known($0) }
        }
        let named = ellipsisLeads ? Array(input.suffix(self.input.count)) : Array(input.prefix(self.input.count))
        for (letter, extent) in zip(self.input, named) { extents[letter] = extent }
        let bias = biasAxes.flatMap { axes -> [Dimension]? in
            guard let first = output.firstIndex(where: axes.contains) else { return nil }
            return output[first...].map { axes.contains($0) ? extents[$0] ?? .symbolic("?") : 1 }
        }
        return (kernel.map { extents[$0] ?? .symbolic("?") }, bias)
    }
}
