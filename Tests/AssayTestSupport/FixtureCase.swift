// A case of the collection: model files of one model, and what its framework computed with them.

import AssayContainers
import AssayTensors
import OrderedCollections

/// One folder with a `case.json`.
public struct FixtureCase: Sendable, CustomStringConvertible {
    /// A model file of the case.
    public struct File: Sendable {
        /// Where it is.
        public let path: String
        /// How it is stored: `keras2-h5`, `keras3-keras`, …
        public let dialect: String
        /// The file with the architecture, for weights alone.
        public let graphFrom: String?
    }

    /// What a reader must be able to do with the files.
    public enum Expectation: String, Sendable {
        /// Runs, and agrees.
        case run
        /// Shows and converts; running stops at layers that nobody can run.
        case opaque
        /// Weights alone, with no architecture to be had.
        case inspect
    }

    /// The folder's name.
    public let name: String
    /// The folder.
    public let folder: String
    /// The files that are there.
    public let files: [File]
    /// What must be possible.
    public let expectation: Expectation
    /// How far a value may be from what was recorded.
    public let tolerance: Tolerance
    /// The recorded values; nil where there are none.
    public let golden: String?

    /// The case in `folder`.
    ///
    /// - Throws: `AssayError.unreadable` when `case.json` is missing or is not as the collection describes it.
    public init(folder: String) throws(AssayError) {
        let json = try Fixtures.json(folder + "/case.json")
        guard let name = json["case"]?.string, let entries = json["files"]?.array,
            let expectation = json["expect"]?.string.flatMap(Expectation.init(rawValue:))
        else { throw .unreadable("is no case", file: folder + "/case.json") }
        self.name = name
        self.folder = folder
        self.expectation = expectation
        files = entries.compactMap { entry in
            guard let path = entry["path"]?.string, let dialect = entry["dialect"]?.string else { return nil }
            return File(
                path: "\(folder)/\(path)", dialect: dialect,
                graphFrom: entry["graph_from"]?.string.map { "\(folder)/\($0)" })
        }.filter { Fixtures.exists($0.path) }
        golden = json["golden"]?.string.map { "\(folder)/\($0)" }
        tolerance = Tolerance(
            absolute: json["tolerance"]?["abs"]?.number ?? Tolerance.standard.absolute,
            relative: json["tolerance"]?["rel"]?.number ?? Tolerance.standard.relative)
    }

    /// The case's name.
    public var description: String { name }

    /// The inputs that were given to the framework.
    public func inputs() throws(AssayError) -> OrderedDictionary<String, Tensor> { try entries("in/") }

    /// The outputs and layer outputs that the framework computed, by entry name.
    public func recorded() throws(AssayError) -> OrderedDictionary<String, Tensor> {
        guard let golden else { return [:] }
        return try NPZFile.open(golden) { $0.hasPrefix("out/") || $0.hasPrefix("layer/") }.tensors
    }

    private func entries(_ prefix: String) throws(AssayError) -> OrderedDictionary<String, Tensor> {
        guard let golden else { return [:] }
        return try NPZFile.open(golden) { $0.hasPrefix(prefix) }.tensors
    }
}

/// How far a value may be from what a framework recorded.
public struct Tolerance: Sendable {
    /// Per unit of the largest magnitude in the tensor, at least of 1.
    public let absolute: Double
    /// Per unit of the value itself.
    public let relative: Double

    /// The collection's own.
    public static let standard = Tolerance(absolute: 5e-6, relative: 2e-5)

    /// A tolerance.
    public init(absolute: Double, relative: Double) {
        self.absolute = absolute
        self.relative = relative
    }

    /// The largest difference as a share of what is allowed: at most 1 when the tensors agree. Infinite when shapes differ in
    /// more than axes of extent 1, or one value is finite and the other is not.
    public func share(of value: Tensor, recorded: Tensor) throws(AssayError) -> Double {
        guard value.shape.extents.filter({ $0 != 1 }) == recorded.shape.extents.filter({ $0 != 1 }) else {
            return .infinity
        }
        let truth = try recorded.doubles()
        let scale = max(1, truth.lazy.filter(\.isFinite).map(\.magnitude).max() ?? 0)
        var worst = 0.0
        for (mine, theirs) in zip(try value.doubles(), truth) where mine != theirs && !(mine.isNaN && theirs.isNaN) {
            guard mine.isFinite, theirs.isFinite else { return .infinity }
            worst = max(worst, (mine - theirs).magnitude / (absolute * scale + relative * theirs.magnitude))
        }
        return worst
    }
}
