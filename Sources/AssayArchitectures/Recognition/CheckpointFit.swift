// What one architecture with one head makes of a checkpoint: which tensors it finds, what they say of the dimensions, and
// what does not fit.

import AssayTensors
import OrderedCollections

/// One attempt to read a checkpoint as an architecture.
struct CheckpointFit {
    let specification: Specification
    let head: String
    let configuration: JSON?
    let sketch: CheckpointSketch
    /// Settings that the tensors tell, for want of a configuration.
    let assumed: OrderedDictionary<String, JSON>
    let values: ArchitectureValues
    let solution: DimensionSolution
    /// The tensors that were found.
    private(set) var found: [Found] = []
    /// Those that were not.
    private(set) var missing: [ExpectedTensor] = []
    /// All that a model of this architecture must have.
    let expected: ExpectedTensors
    /// Blocks in the file beyond those that both the configuration and the names have.
    let excess: [[String]]
    /// Tensors that stand in the file again, with the one that counts.
    private var twins: [(entry: CheckpointSketch.Entry, owner: CheckpointSketch.Entry)] = []

    /// A tensor of the architecture, and the stored one.
    struct Found {
        var expected: ExpectedTensor
        var entry: CheckpointSketch.Entry
        /// The stored shape that it must have, in dimensions.
        var shape: [Expression]

        /// Whether the number of axes is right.
        var hasRank: Bool { shape.count == entry.shape.rank }
    }

    /// Reads a checkpoint as an architecture; nil when the architecture needs what nobody knows even to say its tensors.
    ///
    /// - Parameter oneBlock: whether to look at the first of every repetition alone, which is enough to tell architectures
    ///   apart.
    init?(
        _ specification: Specification, head: String, _ sketch: CheckpointSketch, configuration: JSON?,
        assumed: OrderedDictionary<String, JSON> = [:], oneBlock: Bool = false
    ) {
        guard let blueprint = specification.blueprint else { return nil }
        self.specification = specification
        self.head = head
        self.configuration = configuration
        self.assumed = assumed
        let sketch = sketch.adapted(to: blueprint, head: head)
        self.sketch = sketch
        let values = specification.values(configuration: configuration, head: head, assumed: assumed)
        let counter = BlockCounter(specification, values, configuration, sketch, oneBlock: oneBlock)
        guard
            let expected = try? ExpectedTensors(
                blueprint, head: head, values: values, count: { counter.count($0) })
        else { return nil }
        self.expected = expected
        excess = counter.excess
        for tensor in expected.tensors {
            let entries = sketch.allEntries(for: tensor)
            if let entry = entries.first {
                found.append(Found(expected: tensor, entry: entry, shape: tensor.storedShape(sketch.naming)))
                twins += entries.dropFirst().map { ($0, entry) }
            } else {
                missing.append(tensor)
            }
        }
        for tie in expected.ties {
            guard let owner = sketch.entry(for: tie.owner) else { continue }
            twins += sketch.allEntries(for: tie.twin).filter { $0.name != owner.name }.map { ($0, owner) }
        }
        var solver = DimensionSolver(
            specification, settings: values.settings, isConfigured: configuration != nil)
        for claim in specification.claims(configuration) + counter.claims + found.flatMap(\.claims) {
            solver.add(claim)
        }
        solution = solver.solve()
        self.values = specification.values(
            configuration: configuration, head: head, solved: solution.values, assumed: assumed)
    }

    /// The missing tensors without which there is no model: also those of an optional module that is there in part.
    private var needed: [ExpectedTensor] {
        let begun = Set(found.compactMap(\.expected.optionalModule))
        return missing.filter { tensor in tensor.optionalModule.map(begun.contains) ?? true }
    }

    /// The share of the file's tensors, and of those that must be there, that fit.
    var confidence: Double {
        let accounted = found.count { $0.hasRank } + twins.count + sketch.repeats.count
        return Double(accounted) / Double(max(sketch.entries.count + sketch.repeats.count + needed.count, 1))
    }

    /// The share of the tensors that must be there that are there.
    var coverage: Double {
        Double(found.count { $0.hasRank }) / Double(max(needed.count + found.count, 1))
    }

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
        return blueprint?.classNames.first { blueprint?.head(of: $0) == head } ?? head
    }

    /// What was recognised.
    var recognition: Recognition {
        var match = CheckpointMatch(className: className, head: head, values: values, sketch: sketch)
        match.misshapen = misshapen
        let explained = Set(match.misshapen.map(\.name))
        (match.unknown, match.unused) = strangers
        match.twins = twins.map { ($0.entry.name, $0.owner.name) } + sketch.repeats.map { ($0.name, $0.first) }
        match.remarks = remarks
        match.assumed = assumedTexts
        return Recognition(
            specification: specification, confidence: confidence, dimensions: solution.dimensions, roles: [],
            contradictions: solution.contradictions.filter { !explained.contains($0.layer) },
            missing: missingParameters(unknown: match.unknown), checkpoint: match)
    }

    private var remarks: [String] {
        var remarks: [String] = []
        if let remark = sketch.prefixRemark { remarks.append(remark) }
        let old = found.filter { ["gamma", "beta"].contains($0.entry.place.role) && !sketch.naming.isTensorFlow }
        if let first = old.first { remarks.append("names as in TensorFlow 1: \(first.entry.name)") }
        return remarks
    }

    /// What the architecture assumes where no configuration says it.
    private var assumedTexts: [String] {
        guard configuration == nil, let blueprint = specification.blueprint else { return [] }
        return values.settings.compactMap { name, value in
            guard blueprint.settings[name]?.keys.isEmpty == false, assumed[name] == nil else { return nil }
            return "\(name) = \(value.text())"
        }
    }

    /// Stored tensors that no tensor of the class is: those that the architecture does not have at all, and those that its
    /// other classes have.
    private var strangers: (unknown: [String], unused: [String]) {
        guard let blueprint = specification.blueprint else { return ([], []) }
        let known = Set(found.map(\.entry.name)).union(twins.map(\.entry.name))
        let others = sketch.entries.filter { entry in
            !known.contains(entry.name) && !blueprint.ignores(entry.place)
                && !excess.contains { sketch.isInside(entry, $0) }
        }
        guard !others.isEmpty else { return ([], []) }
        var elsewhere: Set<String> = []
        for other in blueprint.heads.keys where other != head {
            guard let fit = CheckpointFit(specification, head: other, sketch, configuration: configuration) else {
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
        guard !needed.isEmpty, !sketch.entries.isEmpty else { return [] }
        let blocks = Set(found.compactMap(\.expected.module.block))
        var parameters: OrderedDictionary<String, MissingParameter> = [:]
        for tensor in needed {
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
        let wrong = found.filter { extents($0.shape) ?? $0.entry.shape.extents != $0.entry.shape.extents }
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

extension CheckpointFit.Found {
    /// What the tensor says of the dimensions: one claim an axis.
    fileprivate var claims: [Claim] {
        guard hasRank else { return [] }
        return shape.enumerated().map { axis, extent in
            Claim(
                expression: extent,
                witness: Witness(value: entry.shape[axis], place: "\(entry.name) axis \(axis)"), subject: entry.name)
        }
    }
}

extension ExpectedTensor {
    /// The shape in which a dialect stores it, in dimensions.
    fileprivate func storedShape(_ naming: CheckpointNaming) -> [Expression] {
        let stored = stored(isTensorFlow: naming.isTensorFlow)
        let extents = stored.axes.map { axes in axes.filter(shape.indices.contains).map { shape[$0] } } ?? shape
        return [Expression](repeating: .literal(1), count: stored.leadingOnes) + extents
    }
}

extension ModulePath {
    /// The numbered module that it is in, the outermost one; nil for one outside of blocks.
    fileprivate var block: [String]? {
        parts.firstIndex(where: \.isNumber).map { Array(names[...$0]) }
    }
}

extension Specification {
    /// What a configuration says of the dimensions.
    fileprivate func claims(_ configuration: JSON?) -> [Claim] {
        guard let configuration else { return [] }
        return dimensions.compactMap { name, dimension in
            dimension.said(configuration).map { key, value in
                let place = "config.json: \(key)"
                return Claim(
                    expression: .name(name), witness: Witness(value: value, place: place), subject: place,
                    isConfigured: true)
            }
        }
    }
}
