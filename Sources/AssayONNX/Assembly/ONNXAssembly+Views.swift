// Moved elements: of a parameter as a view, which conversion can undo, of other values by operators.

import AssayGraph
import AssayOperators
import AssayTensors

extension ONNXAssembly {
    /// The value under a view of itself (`.stored(0)`).
    ///
    /// - Throws: `AssayError.unreadable` when the view does not fit.
    func moved(_ value: ValueID, _ view: View, _ call: ONNXCall) throws(AssayError) -> ValueID {
        switch elementary.builder.graph[value].origin {
        case .constant(let tensor): return call.constant(try view.apply(to: [tensor]))
        case .parameter(let id):
            var parameter = elementary.builder.parameters[id.index]
            parameter.view = view.of(parameter.view)
            parameter.shape = try view.shape(of: [parameter.shape])
            return elementary.builder.value(of: elementary.builder.addParameter(parameter))
        case .input, .node: return try computed(value, view, call)
        }
    }

    /// The view by operators.
    private func computed(_ value: ValueID, _ view: View, _ call: ONNXCall) throws(AssayError) -> ValueID {
        switch view {
        case .stored: return value
        case .transposed(let inner, let order):
            return try call.add(Transpose(order: order), computed(value, inner, call))
        case .reshaped(let inner, let extents):
            return try call.add(Reshape(extents.map { .fixed($0) }), computed(value, inner, call))
        case .sliced(let inner, let axis, let start, let count):
            return try call.add(
                Slice(axes: [axis], starts: [start], stops: [start + count], steps: [1]), computed(value, inner, call))
        case .reversed(let inner, let axis):
            return try call.add(Reverse(axes: [axis]), computed(value, inner, call))
        case .concatenated(let parts, let axis):
            var operands: [ValueID?] = []
            for part in parts { operands.append(try computed(value, part, call)) }
            return try call.addAll(Concatenate(axis: axis), operands)[0]
        }
    }
}

extension View {
    /// This view of what another view gives.
    func of(_ inner: View) -> View {
        switch self {
        case .stored: inner
        case .transposed(let view, let order): view.of(inner).transposed(by: order)
        case .reshaped(let view, let extents): .reshaped(view.of(inner), extents)
        case .sliced(let view, let axis, let start, let count):
            .sliced(view.of(inner), axis: axis, start: start, count: count)
        case .reversed(let view, let axis): .reversed(view.of(inner), axis: axis)
        case .concatenated(let views, let axis): .concatenated(views.map { $0.of(inner) }, axis: axis)
        }
    }

    /// The view with its axes in another order; two orders after each other are one, and may be none.
    private func transposed(by order: [Int]) -> View {
        guard case .transposed(let view, let first) = self, first.count == order.count,
            order.allSatisfy({ first.indices.contains($0) })
        else { return .transposed(self, order) }
        let both = order.map { first[$0] }
        return both == Array(both.indices) ? view : .transposed(view, both)
    }
}
