// Statistics of a model's activations.

import AssayContainers
@_exported import AssayStatistics
import OrderedCollections

extension Model {
    /// Statistics of every layer's outputs.
    ///
    /// - Parameters:
    ///   - inputs: where the inputs come from.
    ///   - batchSize: how many samples run at once; the numbers do not depend on it.
    /// - Throws: `AssayError.usage` when the inputs do not fit, `AssayError.notRunnable` when an opaque layer is needed.
    public func statistics(
        _ inputs: InputSource, batchSize: Int = 32, threads: ThreadPool = ThreadPool()
    ) throws(AssayError) -> ModelStatistics {
        let collector = try StatisticsCollector(self, threads: threads)
        try collector.add(inputs.tensors(for: self), batchSize: batchSize)
        return collector.statistics
    }
}

extension ModelStatistics {
    /// Adds up statistics that were written as JSON: exactly what one run over all their inputs would have given.
    ///
    /// - Throws: `AssayError.unreadable` when a file is not what `assay stats --json` writes, or is of another model.
    public static func merging(_ paths: [String]) throws(AssayError) -> ModelStatistics? {
        var merged: ModelStatistics?
        for path in paths {
            do throws(AssayError) {
                let part = try ModelStatistics(json: JSON(parsing: MappedFile(path: path).bytes))
                if merged == nil { merged = part } else { try merged?.add(part) }
            } catch {
                throw error.located(file: path)
            }
        }
        return merged
    }
}
