// What one architecture with one head makes of a checkpoint: what its tensors say of the dimensions, and what does not fit.

import AssayTensors
import OrderedCollections

/// A checkpoint read as an architecture, with its dimensions.
struct CheckpointFit {
    let match: TensorMatch
    /// The values of dimensions and settings.
    let values: ArchitectureValues
    let solution: DimensionSolution

    /// Solves for the dimensions.
    init(_ match: TensorMatch) {
        self.match = match
        var solver = DimensionSolver(
            match.specification, settings: match.values.settings, isConfigured: match.configuration != nil)
        for claim in match.claims { solver.add(claim) }
        solution = solver.solve()
        values = match.specification.values(
            configuration: match.configuration, head: match.head, solved: solution.values, assumed: match.assumed)
    }

    private var specification: Specification { match.specification }
    private var configuration: JSON? { match.configuration }
    private var sketch: CheckpointSketch { match.sketch }

    /// How many dimensions have the architecture's usual value.
    var usualCount: Int {
        specification.dimensions.count { name, dimension in
            dimension.fallback?.value { _ in nil }?.integer.map { $0 == solution.dimensions[name]?.value } ?? false
        }
    }

    // MARK: Result

    /// The class's name.
    private var className: String {
        let blueprint = specification.blueprint
        return blueprint?.classNames.first { blueprint?.head(of: $0) == match.head } ?? match.head
    }

    /// What was recognised.
    var recognition: Recognition {
        var result = CheckpointMatch(className: className, head: match.head, values: values, sketch: sketch)
        result.misshapen = misshapen
        let explained = Set(result.misshapen.map(\.name))
        (result.unknown, result.unused) = strangers
        result.twins = match.twins.map { ($0.entry.name, $0.owner.name) } + sketch.repeats.map { ($0.name, $0.first) }
        result.remarks = remarks
        result.assumed = assumedTexts
        return Recognition(
            specification: specification, confidence: match.confidence, dimensions: solution.dimensions, roles: [],
            contradictions: solution.contradictions.filter { !explained.contains($0.layer) },
            missing: missingParameters(unknown: result.unknown), checkpoint: result)
    }

    private var remarks: [String] {
        var remarks: [String] = []
        if let remark = sketch.prefixRemark { remarks.append(remark) }
        let old = match.found.filter { ["gamma", "beta"].contains($0.entry.place.role) && !sketch.naming.isTensorFlow }
        if let first = old.first { remarks.append("names as in TensorFlow 1: \(first.entry.name)") }
        return remarks
    }

    /// What the architecture assumes where no configuration says it.
    private var assumedTexts: [String] {
        guard configuration == nil, let blueprint = specification.blueprint else { return [] }
        return values.settings.compactMap { name, value in
            guard blueprint.settings[name]?.keys.isEmpty == false, match.assumed[name] == nil else { return nil }
            return "\(name) = \(value.text())"
        }
    }

    /// Stored tensors that no tensor of the class is: those that the architecture does not have at all, and those that its
    /// other classes have.
    private var strangers: (unknown: [String], unused: [String]) {
        guard let blueprint = specification.blueprint else { return ([], []) }
        let known = Set(match.found.map(\.entry.name)).union(match.twins.map(\.entry.name))
        let others = sketch.entries.filter { entry in
            !known.contains(entry.name) && !blueprint.ignores(entry.place)
                && !match.excess.contains { sketch.isInside(entry, $0) }
        }
        guard !others.isEmpty else { return ([], []) }
        var elsewhere: Set<String> = []
        for other in blueprint.heads.keys where other != match.head {
            guard let fit = TensorMatch(specification, head: other, sketch, configuration: configuration) else {
                continue
            }
            elsewhere.formUnion(fit.found.map(\.entry.name))
            elsewhere.formUnion(fit.twins.map(\.entry.name))
        }
        return (
            others.map(\.name).filter { !elsewhere.contains($0) }, others.map(\.name).filter(elsewhere.contains)
        )
    }
}

// MARK: What is missing and misshapen

extension CheckpointFit {
    /// The tensors that must be there; those of a block that is missing as a whole as one.
    private func missingParameters(unknown: [String]) -> [MissingParameter] {
        guard !match.needed.isEmpty, !sketch.entries.isEmpty else { return [] }
        let blocks = Set(match.found.compactMap(\.expected.module.block))
        var parameters: OrderedDictionary<String, MissingParameter> = [:]
        for tensor in match.needed {
            if let block = tensor.module.block, !blocks.contains(block) {
                let name = sketch.name(ofModule: block)
                parameters[name] = MissingParameter(path: name, witnesses: [kind] + counted, isBlock: true)
            } else {
                let name = sketch.name(of: tensor)
                let shape = extents(tensor.storedShape(sketch.naming))
                let candidates = unknown.filter { other in
                    sketch.entries.contains { $0.name == other && $0.shape.extents == shape }
                }
                let places = tensor.storedShape(sketch.naming).flatMap { witnesses(of: $0) }
                parameters[name] = MissingParameter(
                    path: name, shape: shape.map { Shape($0).description },
                    witnesses: [kind] + OrderedSet(places)
                        + candidates.prefix(3).map { "\($0) has this shape, and nothing uses it" })
            }
        }
        return Array(parameters.values)
    }

    private var kind: String { "the architecture \(specification.name) as \(className)" }

    /// What says how many blocks there are.
    private var counted: [String] {
        specification.claims(configuration).filter { claim in
            claim.expression.names.contains { name in specification.blueprint?.counts.contains(name) ?? false }
        }.map { "\($0.witness.place) = \($0.witness.value)" }
    }

    private func witnesses(of extent: Expression) -> [String] {
        extent.names.sorted().compactMap { name in
            solution.dimensions[name].map { "\(name) = \($0.value) by \($0.place)" }
        }
    }

    /// The extents of a shape; nil where one is not known.
    private func extents(_ shape: [Expression]) -> [Int]? {
        let known = shape.compactMap { $0.value(values.lookup)?.integer }
        return known.count == shape.count ? known : nil
    }

    /// Tensors of a wrong rank, transposed, or exchanged with another.
    private var misshapen: [MisshapenTensor] {
        let wrong = match.found.filter { extents($0.shape) ?? $0.entry.shape.extents != $0.entry.shape.extents }
        return wrong.compactMap { tensor in
            let has = tensor.entry.shape.extents
            let needs = extents(tensor.shape) ?? []
            let kind: MisshapenTensor.Kind
            if !tensor.hasRank {
                kind = .rank
            } else if Array(has.reversed()) == needs {
                kind = .transposed
            } else if let other = wrong.first(where: { other in
                other.entry.name != tensor.entry.name && extents(other.shape) == has
                    && other.entry.shape.extents == needs
            }) {
                kind = .swapped(with: other.entry.name)
            } else {
                return nil
            }
            return MisshapenTensor(
                name: tensor.entry.name, kind: kind, expected: Shape(needs).description,
                found: tensor.entry.shape.description,
                witnesses: [tensor.entry.name] + OrderedSet(tensor.shape.flatMap { witnesses(of: $0) }))
        }
    }
}

extension ModulePath {
    /// The numbered module that it is in, the outermost one; nil for one outside of blocks.
    fileprivate var block: [String]? {
        parts.firstIndex(where: \.isNumber).map { Array(names[...$0]) }
    }
}
