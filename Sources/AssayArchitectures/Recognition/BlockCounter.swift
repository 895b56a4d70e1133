// How many blocks a checkpoint has: by its configuration, and by the numbers in its tensors' names.

import AssayTensors

/// Counts repetitions while an architecture's tensors are listed, and keeps what names and configuration say apart.
///
/// A reference type, since the listing asks it through a closure.
final class BlockCounter {
    private let specification: Specification
    private let values: ArchitectureValues
    private let configuration: JSON?
    private let sketch: CheckpointSketch
    private let isOneBlock: Bool
    /// What the names say of the dimensions.
    private(set) var claims: [Claim] = []
    /// Blocks of the file beyond those that were listed.
    private(set) var excess: [[String]] = []

    /// More blocks than any model has, so that names cannot ask for more work.
    private static let most = 1024

    init(
        _ specification: Specification, _ values: ArchitectureValues, _ configuration: JSON?,
        _ sketch: CheckpointSketch, oneBlock: Bool
    ) {
        self.specification = specification
        self.values = values
        self.configuration = configuration
        self.sketch = sketch
        isOneBlock = oneBlock
    }

    /// How many repetitions to list: those that the names and the configuration both have.
    func count(_ repetition: ExpectedTensors.Repetition) -> Int? {
        let said = repetition.count.value(said)?.integer
        if isOneBlock { return 1 }
        guard let modules = repetition.modules else {
            return said ?? repetition.count.value(values.lookup)?.integer ?? 1
        }
        let numbers = sketch.numbers(in: modules)
        guard let last = numbers.max() else { return said.map { min($0, BlockCounter.most) } ?? 0 }
        let told = min(last, BlockCounter.most - 1) + 1
        claims.append(claim(repetition.count, modules, told: told, said: said ?? told))
        guard let said, said >= 0, said != told else { return told }
        excess += numbers.filter { $0 >= said }.map { modules + [String($0)] }
        return min(said, told)
    }

    private func said(_ name: String) -> JSON? {
        if let dimension = specification.dimensions[name] {
            return configuration.flatMap(dimension.said).map { .integer($0.value) }
        }
        return values.settings[name]
    }

    private func claim(_ count: Expression, _ modules: [String], told: Int, said: Int) -> Claim {
        let numbered = sketch.name(ofModule: modules)
        let separator = sketch.naming.isTensorFlow ? "/" : "."
        return Claim(
            expression: count,
            witness: Witness(value: told, place: "the names \(numbered)\(separator)0 to \(told - 1)"),
            // The first block that one has and the other has not.
            subject: "\(numbered)\(separator)\(min(said, told))")
    }
}
