// Which tensors of a checkpoint one architecture with one head finds.

import AssayTensors
import OrderedCollections

/// One attempt to read a checkpoint as an architecture: what is found, and what is missing, by names and numbers of axes.
struct TensorMatch {
    let specification: Specification
    let head: String
    let configuration: JSON?
    let sketch: CheckpointSketch
    /// Settings that the tensors tell, for want of a configuration.
    let assumed: OrderedDictionary<String, JSON>
    /// The values of the settings that the tensors depend on.
    let values: ArchitectureValues
    /// The tensors that were found.
    private(set) var found: [Found] = []
    /// Those that were not.
    private(set) var missing: [ExpectedTensor] = []
    /// All that a model of this architecture must have.
    let expected: ExpectedTensors
    /// Blocks in the file beyond those that both the configuration and the names have.
    let excess: [[String]]
    /// Tensors that stand in the file again, with the one that counts.
    private(set) var twins: [(entry: CheckpointSketch.Entry, owner: CheckpointSketch.Entry)] = []
    /// What the names say of the number of blocks.
    private let counted: [Claim]

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
        values = specification.values(configuration: configuration, head: head, assumed: assumed)
        let counter = BlockCounter(specification, values, configuration, sketch, oneBlock: oneBlock)
        guard
            let expected = try? ExpectedTensors(
                blueprint, head: head, values: values, count: { counter.count($0) })
        else { return nil }
        self.expected = expected
        excess = counter.excess
        counted = counter.claims
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
    }

    /// The missing tensors without which there is no model: also those of an optional module that is there in part.
    var needed: [ExpectedTensor] {
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

    /// What configuration, names and shapes say of the dimensions.
    var claims: [Claim] { specification.claims(configuration) + counted + found.flatMap(\.claims) }
}

extension TensorMatch.Found {
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
    func storedShape(_ naming: CheckpointNaming) -> [Expression] {
        let stored = stored(isTensorFlow: naming.isTensorFlow)
        let extents = stored.axes.map { axes in axes.filter(shape.indices.contains).map { shape[$0] } } ?? shape
        return [Expression](repeating: .literal(1), count: stored.leadingOnes) + extents
    }
}

extension Specification {
    /// What a configuration says of the dimensions.
    func claims(_ configuration: JSON?) -> [Claim] {
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
