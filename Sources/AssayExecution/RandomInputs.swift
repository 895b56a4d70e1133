// Inputs made up from a seed: of shapes that the model accepts, and of values that its layers can take.

import AssayGraph
import AssayOperators
import AssayTensors
import OrderedCollections

/// Makes up inputs for a model: ids that their tables have rows for, masks of zeros and ones, normal numbers.
public struct RandomInputs: Sendable {
    /// What values an input can take.
    enum Domain: Hashable {
        /// Any real number.
        case real
        /// An integer from 0 up to a bound, bound excluded. A number that stands for no id at all ends some rows.
        case index(below: Int, padding: Int? = nil)

        /// What both domains allow.
        func narrowed(by other: Domain) -> Domain {
            switch (self, other) {
            case (.index(let mine, let padding), .index(let theirs, let otherPadding)):
                .index(below: min(mine, theirs), padding: padding ?? otherPadding)
            case (.index, _), (.truth, .real): self
            default: other
            }
        }
        /// 0 or 1.
        case truth
    }

    private let graph: Graph
    /// The extents of each input, symbols replaced.
    private let shapes: [Shape]
    private let domains: [Domain]

    /// The most elements of an input that are made up.
    private static let elementLimit = 1 << 28

    /// Extents tried in turn for symbols other than the batch: a short sequence first, then what images need, then those
    /// that the parameters have (a table that is added as a whole), then very short sequences.
    private static func candidates(_ model: Model) -> [Int] {
        let stored = Set(model.parameters.flatMap(\.shape.extents)).filter { (2...1024).contains($0) }
        return [8, 16, 32, 64, 128, 224] + stored.sorted().prefix(64) + [6, 5, 4, 3, 2, 1]
    }

    /// What inputs of `model` look like.
    ///
    /// - Parameters:
    ///   - batch: the extent of a symbolic first axis.
    ///   - other: another graph that takes the same inputs, in the same order: they suit both.
    /// - Throws: `AssayError.notRunnable` when the model cannot be run; `AssayError.usage` for an input of
    ///   unknown rank; the first shape's error when none of the extents that are tried fits the model.
    public init(_ model: Model, batch: Int = 2, alsoFor other: (graph: Graph, inputs: [ValueID])? = nil)
        throws(AssayError)
    {
        let graph = try model.requireGraph()
        self.graph = graph
        var ports = graph.inputs.map { (name: $0.name, shape: graph[$0.value].fact.shape) }
        let domainOf = InputDomains(graph)
        var domains = graph.inputs.map { domainOf.domain(of: $0.value) }
        if let other, other.inputs.count == ports.count {
            let otherDomainOf = InputDomains(other.graph)
            for (index, input) in other.inputs.enumerated() {
                domains[index] = domains[index].narrowed(by: otherDomainOf.domain(of: input))
                guard let mine = ports[index].shape, let theirs = other.graph[input].fact.shape else { continue }
                ports[index].shape = zip(mine, theirs).map { $0.value == nil ? $1 : $0 }
            }
        }
        self.domains = domains
        do throws(AssayError) {
            shapes = try RandomInputs.shapes(graph, ports, batch, RandomInputs.candidates(model))
        } catch {
            throw error.located(file: model.provenance.path)
        }
    }

    /// The inputs for a seed, by name.
    public func inputs(seed: UInt64) -> OrderedDictionary<String, Tensor> {
        var generator = RandomGenerator(seed: seed)
        var inputs: OrderedDictionary<String, Tensor> = [:]
        for (index, port) in graph.inputs.enumerated() {
            inputs[port.name] = RandomInputs.tensor(shapes[index], domains[index], &generator)
        }
        return inputs
    }

    private static func tensor(_ shape: Shape, _ domain: Domain, _ generator: inout RandomGenerator) -> Tensor {
        switch domain {
        case .real:
            Tensor((0..<shape.count).map { _ in Float(generator.normal()) }, shape: shape)
        case .index(let bound, let padding): Tensor(ids(shape, bound, padding, &generator), shape: shape)
        case .truth: Tensor(truths(shape, &generator), shape: shape)
        }
    }

    /// Ids; every second row ends with padding, where there is such a thing, after one third of it at least.
    private static func ids(
        _ shape: Shape, _ bound: Int, _ padding: Int?, _ generator: inout RandomGenerator
    ) -> [Int64] {
        var ids = (0..<shape.count).map { _ in Int64(generator.integer(below: max(bound, 1))) }
        guard let padding, let width = shape.extents.last, width > 2 else { return ids }
        for row in stride(from: 1, to: shape.count / width, by: 2) {
            let length = width / 3 + 1 + generator.integer(below: width / 2)
            for column in min(length, width)..<width { ids[row * width + column] = Int64(padding) }
        }
        return ids
    }

    /// Three in four are true, and the first of each row is, so that no row is masked altogether.
    private static func truths(_ shape: Shape, _ generator: inout RandomGenerator) -> [Bool] {
        let width = max(shape.extents.last ?? 1, 1)
        return (0..<shape.count).map { index in
            let isTrue = generator.integer(below: 4) > 0
            return isTrue || index % width == 0
        }
    }

    /// Numbers for the symbols under which the model's shapes fit together.
    private static func shapes(
        _ graph: Graph, _ ports: [(name: String, shape: [Dimension]?)], _ batch: Int, _ candidates: [Int]
    ) throws(AssayError) -> [Shape] {
        var failure: AssayError?
        for candidate in candidates {
            var shapes: [Shape] = []
            for port in ports {
                guard let declared = port.shape else {
                    throw .usage("the shape of the input \(port.name) is not known, so it cannot be made up")
                }
                let shape = try Shape(
                    checking: declared.enumerated().map { axis, extent in
                        extent.value ?? (axis == 0 ? batch : candidate)
                    })
                guard shape.count <= elementLimit else {
                    throw .usage("the input \(port.name) is too large to be made up", found: shape.description)
                }
                shapes.append(shape)
            }
            do throws(AssayError) {
                _ = try Plan(graph, inputs: shapes)
                return shapes
            } catch {
                guard error.code != .notRunnable else { throw error }
                failure = failure ?? error
            }
        }
        throw failure ?? .usage("no extents for the inputs' symbols fit")
    }
}
