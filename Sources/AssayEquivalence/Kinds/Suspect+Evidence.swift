// What a comparison knows of a layer that differs, as the kinds of difference want it.

import AssayGraph
import AssayOperators
import AssayTensors

extension Suspect {
    /// The layer and its counterpart, which is made of the nodes `counterpart` of B.
    init(
        _ alignment: Alignment, _ unit: AlignedUnit, _ pairs: [WeightPair], counterpart: [NodeID]
    ) throws(AssayError) {
        let (a, b) = (alignment.a, alignment.b)
        let own = a.units[unit.a].nodes
        operationsOfA = own.map { a.graph[$0].operation }
        operationsOfB = counterpart.map { b.graph[$0].operation }
        masksOfA = a.graph.masks(own)
        masksOfB = b.graph.masks(counterpart)
        var weights: [ChangedWeight] = []
        for pair in pairs where pair.isChanged {
            guard let other = pair.b else { continue }
            let mine = try a.model.value(of: pair.a)
            let theirs = try pair.view.apply(to: [b.model.value(of: other)])
            guard mine.shape.count == theirs.shape.count else { continue }
            weights.append(
                ChangedWeight(
                    path: a.path(of: pair.a), shape: mine.shape, a: try mine.doubles(), b: try theirs.doubles(),
                    namesake: alignment.namesake(of: other, not: pair.a)))
        }
        self.weights = weights
    }
}

extension Alignment {
    /// The path of a parameter of A that has the same bits as a parameter of B.
    fileprivate func namesake(of parameter: ParameterID, not excluded: ParameterID) -> String? {
        guard let valueClass = b.provenClass(of: parameter) else { return nil }
        let found = a.model.parameters.indices.map { ParameterID($0) }.first {
            $0 != excluded && a.provenClass(of: $0) == valueClass
        }
        return found.map { a.path(of: $0) }
    }
}

extension Side {
    /// The class of a parameter by its bits; nil where the graph does not use it.
    fileprivate func provenClass(of parameter: ParameterID) -> ValueClass? {
        let index = graph.values.firstIndex { if case .parameter(parameter) = $0.origin { true } else { false } }
        return index.flatMap { proven[$0] }
    }
}

extension Graph {
    /// For the name of each operator of some nodes, whether one of that name takes a mask.
    fileprivate func masks(_ nodes: [NodeID]) -> [String: Bool] {
        Dictionary(nodes.map { (self[$0].operation.name, takesMask($0)) }) { $0 || $1 }
    }

    /// Whether a node takes a mask: booleans beside the reals that it works on, or what is added to scores.
    private func takesMask(_ node: NodeID) -> Bool {
        guard !(self[node].operation is Where || self[node].operation is Cast) else { return false }
        if self[node].operation is Attention { return self[node].operands.dropFirst(3).contains { $0 != nil } }
        let types = self[node].operands.compactMap { $0.map { self[$0].fact.type } }
        return types.contains(.bool) && types.contains { $0.isFloatingPoint }
    }
}
