// The stored values of a model in one precision: made once, shared by every plan that runs.

import AssayGraph
import AssayOperators
import AssayTensors
import Synchronization

/// A stored value of a model: what does not depend on the inputs.
public enum StoredValue: Sendable, Hashable {
    /// A parameter.
    case parameter(ParameterID)
    /// A constant of the graph, by its value.
    case constant(ValueID)
}

/// The parameters and constants of a model as the fast path wants them. Those whose stored type is the scalar are used where
/// they lie; the others are converted when first needed, and kept up to a limit, the latest of them, so that a large model that
/// runs in another precision than it is stored in never lies twice in memory.
public final class PreparedParameters<Scalar: FastScalar>: Sendable {
    /// Changes the elements of a floating-point parameter or constant before they are used. It gets the type in which they
    /// are stored.
    public typealias Adjustment = @Sendable (StoredValue, ElementType, UnsafeMutableBufferPointer<Scalar>) -> Void

    /// The model.
    public let model: Model
    private let replacements: [ParameterID: Tensor]
    private let adjust: Adjustment?
    private let cacheLimit: Int
    private let releasesPages: Bool
    private let pool: BufferPool?
    private let cache = Mutex(Cache())

    /// A stored value as it is used: through its view, or as the file holds it.
    private struct Use: Hashable {
        let stored: StoredValue
        let isAsStored: Bool
    }

    private struct Cache {
        var tensors: [Use: PreparedTensor<Scalar>] = [:]
        var copiedByteCount = 0
        /// The copies that are kept, oldest first.
        var copies: [Use] = []
    }

    /// The stored values of `model`.
    ///
    /// - Parameters:
    ///   - replacements: other values for some parameters, of the same shapes.
    ///   - adjust: changes every floating-point value, in memory of its own.
    ///   - cacheLimit: how many bytes of converted values are kept.
    ///   - releasesPages: whether pages of mapped files are given back as soon as they were used, and memory for converted
    ///     values is used again, for a run that passes over large files once.
    public init(
        _ model: Model, replacing replacements: [ParameterID: Tensor] = [:], adjust: Adjustment? = nil,
        cacheLimit: Int = 1 << 30, releasesPages: Bool = false
    ) {
        self.model = model
        self.replacements = replacements
        self.adjust = adjust
        self.cacheLimit = cacheLimit
        self.releasesPages = releasesPages
        pool = releasesPages ? BufferPool(limit: PreparedParameters.poolLimit) : nil
    }

    /// How many bytes of memory in no use are kept.
    private static var poolLimit: Int { 1 << 26 }

    /// A stored value, of the type and shape that the graph declares.
    ///
    /// - Throws: `AssayError.unreadable` when it is missing, cannot be decoded, or has another shape.
    func tensor(_ stored: StoredValue, constant: Tensor? = nil, fact: Fact) throws(AssayError) -> PreparedTensor<Scalar>
    {
        let use = Use(stored: stored, isAsStored: false)
        if let known = cache.withLock({ $0.tensors[use] }) { return known }
        return try prepare(load(stored, constant), as: use, fact)
    }

    /// The stored matrix whose transpose a parameter is; nil where it is no such thing, or another value replaces it.
    /// Products read either, and a copy in the other order would lie beside it in memory.
    ///
    /// - Throws: as `tensor(_:constant:fact:)`.
    func untransposed(_ id: ParameterID, fact: Fact) throws(AssayError) -> PreparedTensor<Scalar>? {
        let parameter = model[id]
        guard adjust == nil, replacements[id] == nil, parameter.view == .transposed(.stored(0), [1, 0]),
            let stored = parameter.sources.first.flatMap({ model.tensors[$0] })
        else { return nil }
        let use = Use(stored: .parameter(id), isAsStored: true)
        if let known = cache.withLock({ $0.tensors[use] }) { return known }
        return try prepare(stored, as: use, Fact(fact.type, fact.shape?.reversed()))
    }

    private func prepare(_ value: Tensor, as use: Use, _ fact: Fact) throws(AssayError) -> PreparedTensor<Scalar> {
        let stored = use.stored
        guard fact.knownShape == value.shape else {
            throw .unreadable(
                "wrong shape of a stored value", expected: fact.shape?.text, found: value.shape.description,
                file: model.provenance.path, object: name(of: stored))
        }
        let prepared: PreparedTensor<Scalar>
        do throws(AssayError) {
            if let adjust {
                prepared = try PreparedTensor(value, as: fact.type, pool: pool) { adjust(stored, value.type, $0) }
            } else {
                prepared = try PreparedTensor(value, as: fact.type, pool: pool)
            }
        } catch {
            throw error.located(file: model.provenance.path, object: name(of: stored))
        }
        if releasesPages, prepared.isCopy, case .region(let region) = value.storage { region.release() }
        keep(prepared, as: use)
        return prepared
    }

    /// Hears that a step is done with stored values, which may be used again.
    func finish(_ used: [PreparedTensor<Scalar>]) {
        guard releasesPages else { return }
        for tensor in used where !tensor.isCopy { tensor.releasePages() }
    }

    private func load(_ stored: StoredValue, _ constant: Tensor?) throws(AssayError) -> Tensor {
        switch stored {
        case .parameter(let id):
            if let replacement = replacements[id] { return replacement }
            return try model.value(of: id)
        case .constant:
            guard let constant else { preconditionFailure("the plan has the constant") }
            return constant
        }
    }

    private func name(of stored: StoredValue) -> String {
        switch stored {
        case .parameter(let id): model[id].path
        case .constant(let value): "constant \(value.index)"
        }
    }

    private func keep(_ prepared: PreparedTensor<Scalar>, as use: Use) {
        let byteCount = prepared.copiedByteCount
        guard byteCount <= cacheLimit else { return }
        cache.withLock { cache in
            guard cache.tensors[use] == nil else { return }
            while cache.copiedByteCount + byteCount > cacheLimit, !cache.copies.isEmpty {
                let oldest = cache.copies.removeFirst()
                cache.copiedByteCount -= cache.tensors.removeValue(forKey: oldest)?.copiedByteCount ?? 0
            }
            cache.tensors[use] = prepared
            cache.copiedByteCount += byteCount
            if byteCount > 0 { cache.copies.append(use) }
        }
    }
}
