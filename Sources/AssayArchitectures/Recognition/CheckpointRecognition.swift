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
        let matches = promising(specifications).map(improved).compactMap { match in
            TensorMatch(
                match.specification, head: match.head, match.sketch, configuration: configuration,
                assumed: match.assumed)
        }
        // Numbers are only looked at where names cannot tell.
        let most = matches.map(\.confidence).max()
        let fits = matches.filter { $0.confidence == most }.map(CheckpointFit.init)
        let threshold = CheckpointSearch.threshold
        guard let best = fits.max(by: isWorse),
            isSure || min(best.match.confidence, best.match.coverage) > threshold
        else { return nil }
        var recognition = best.recognition
        let same = fits.map { ($0.match.specification.name, $0.solution.contradictions.count) }.filter { name, count in
            count == best.solution.contradictions.count && name != best.match.specification.name
        }
        recognition.checkpoint?.alternatives = Array(OrderedSet(same.map(\.0)))
        return recognition
    }

    /// Of those that account for as many tensors.
    private func isWorse(_ first: CheckpointFit, than second: CheckpointFit) -> Bool {
        func rank(_ fit: CheckpointFit) -> (Int, Int, Int) {
            let hasOwnNames = fit.match.sketch.prefixRemark == nil ? 1 : 0
            return (-fit.solution.contradictions.count, hasOwnNames, fit.usualCount)
        }
        return rank(first) < rank(second)
    }

    /// The combinations that are worth a closer look: those of which the first blocks alone have most of their tensors.
    private func promising(_ specifications: [Specification]) -> [TensorMatch] {
        let modules = Set(sketches.flatMap(\.entries).flatMap(\.place.modules))
        // Of names that nobody has, nothing is worth a look at all.
        let related = specifications.filter { specification in
            isSure || specification.blueprint.map { !$0.moduleNames.isDisjoint(with: modules) } ?? false
        }
        let matches = related.flatMap { specification in
            heads(of: specification).flatMap { head in
                sketches.compactMap {
                    TensorMatch(specification, head: head, $0, configuration: configuration, oneBlock: true)
                }
            }
        }
        let most = matches.map(\.coverage).max() ?? 0
        return matches.filter { $0.coverage == most || $0.coverage > 0.8 }
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

    /// Switches that no configuration sets are set as the tensors have it: tied or separate heads, biases or none. The first
    /// blocks tell.
    private func improved(_ match: TensorMatch) -> TensorMatch {
        guard configuration == nil, let blueprint = match.specification.blueprint else { return match }
        var best = match
        for (name, setting) in blueprint.settings where !setting.keys.isEmpty {
            guard case .bool(let usual)? = best.values.settings[name] else { continue }
            var assumed = best.assumed
            assumed[name] = .bool(!usual)
            let other = TensorMatch(
                match.specification, head: match.head, match.sketch, configuration: nil, assumed: assumed,
                oneBlock: true)
            if let other, other.confidence > best.confidence { best = other }
        }
        return best
    }
}
