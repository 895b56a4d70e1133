// Which architecture and which head a checkpoint has: all that are known are tried, and that which accounts for most
// tensors wins.

import AssayTensors
import OrderedCollections

extension SpecificationLibrary {
    /// What a checkpoint is, by its configuration where there is one, else by the names and shapes of its tensors alone.
    ///
    /// - Parameters:
    ///   - tensors: the stored shapes by name.
    ///   - namings: how the tensors may be named.
    ///   - configuration: what `config.json` says.
    ///   - forced: the architecture it must be.
    /// - Returns: nil where the configuration is about an unknown architecture, or nothing accounts for half the tensors.
    public func recogniseCheckpoint(
        _ tensors: OrderedDictionary<String, Shape>, namings: [CheckpointNaming] = CheckpointNaming.allCases,
        configuration: JSON?, as forced: Specification? = nil
    ) -> Recognition? {
        let type = configuration?["model_type"]?.string
        let known = type.flatMap { specification(modelType: $0) }
        guard let candidates = forced.map({ [$0] }) ?? known.map({ [$0] }) ?? (type == nil ? specifications : nil)
        else {
            return nil
        }
        let sketches = namings.map { CheckpointSketch(tensors, naming: $0) }
        let search = CheckpointSearch(sketches, configuration, isSure: candidates.count == 1)
        return search.best(of: candidates)
    }
}

/// Tries architectures, heads and namings on a checkpoint.
private struct CheckpointSearch {
    private let sketches: [CheckpointSketch]
    private let configuration: JSON?
    /// Whether the architecture is known, so that even a poor match is its.
    private let isSure: Bool
    /// Without a word of the configuration, an architecture must account for this share of the tensors, and have this share
    /// of its own.
    private static let threshold = 0.5

    init(_ sketches: [CheckpointSketch], _ configuration: JSON?, isSure: Bool) {
        self.sketches = sketches
        self.configuration = configuration
        self.isSure = isSure
    }

    func best(of specifications: [Specification]) -> Recognition? {
        let fits = promising(specifications).compactMap { fit in
            CheckpointFit(fit.specification, head: fit.head, fit.sketch, configuration: configuration).map(improved)
        }
        let threshold = CheckpointSearch.threshold
        guard let best = fits.max(by: isWorse), isSure || min(best.confidence, best.coverage) > threshold else {
            return nil
        }
        var recognition = best.recognition
        let same = fits.filter {
            $0.confidence == best.confidence && $0.solution.contradictions.count == best.solution.contradictions.count
                && $0.specification.name != best.specification.name
        }
        recognition.checkpoint?.alternatives = Array(OrderedSet(same.map(\.specification.name)))
        return recognition
    }

    private func isWorse(_ first: CheckpointFit, than second: CheckpointFit) -> Bool {
        func rank(_ fit: CheckpointFit) -> (Double, Int, Int, Int) {
            let hasOwnNames = fit.sketch.prefixRemark == nil ? 1 : 0
            return (fit.confidence, -fit.solution.contradictions.count, hasOwnNames, fit.usualCount)
        }
        return rank(first) < rank(second)
    }

    /// The combinations that are worth a closer look: those of which the first blocks alone have most of their tensors.
    private func promising(_ specifications: [Specification]) -> [CheckpointFit] {
        let modules = Set(sketches.flatMap(\.entries).flatMap(\.place.modules))
        // Of names that nobody has, nothing is worth a look at all.
        let related = specifications.filter { specification in
            isSure || specification.blueprint.map { !$0.moduleNames.isDisjoint(with: modules) } ?? false
        }
        let fits = related.flatMap { specification in
            heads(of: specification).flatMap { head in
                sketches.compactMap {
                    CheckpointFit(specification, head: head, $0, configuration: configuration, oneBlock: true)
                }
            }
        }
        let most = fits.map(\.coverage).max() ?? 0
        return fits.filter { $0.coverage == most || $0.coverage > 0.8 }
    }

    /// The head that the configuration names, else all.
    private func heads(of specification: Specification) -> [String] {
        guard let blueprint = specification.blueprint else { return [] }
        if let configuration {
            guard let named = configuration["architectures"]?[0]?.string else { return [Blueprint.baseHead] }
            if let head = blueprint.head(of: named) { return [head] }
        }
        return Array(blueprint.heads.keys)
    }

    /// Switches that no configuration sets are set as the tensors have it: tied or separate heads, biases or none.
    private func improved(_ fit: CheckpointFit) -> CheckpointFit {
        guard configuration == nil, let blueprint = fit.specification.blueprint else { return fit }
        var best = fit
        for (name, setting) in blueprint.settings where !setting.keys.isEmpty {
            guard case .bool(let usual)? = best.values.settings[name] else { continue }
            var assumed = best.assumed
            assumed[name] = .bool(!usual)
            let other = CheckpointFit(
                fit.specification, head: fit.head, fit.sketch, configuration: nil, assumed: assumed)
            if let other, isWorse(best, than: other), other.confidence > best.confidence { best = other }
        }
        return best
    }
}
