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
/// they lie; the others are converted when first needed, and kept up to a limit, so that a large model that runs in another
/// precision than it is stored in never lies twice in memory.
public final class PreparedParameters<Scalar: FastScalar>: Sendable {
    /// Changes the elements of a floating-point parameter or constant before they are used. It gets the type in which they
    /// are stored.
    public typealias Adjustment = @Sendable (StoredValue, ElementType, UnsafeMutableBufferPointer<Scalar>) -> Void

    /// The model.
    public let model: Model
    private let replacements: [ParameterID: Tensor]
    private let adjust: Adjustment?
    private let cacheLimit: Int
    private let cache = Mutex(Cache())

    private struct Cache {
        var tensors: [StoredValue: PreparedTensor<Scalar>] = [:]
        var copiedByteCount = 0
    }

    /// The stored values of `model`.
    ///
    /// - Parameters:
    ///   - replacements: other values for some parameters, of the same shapes.
    ///   - adjust: changes every floating-point value, in memory of its own.
    ///   - cacheLimit: how many bytes of converted values are kept.
    public init(
        _ model: Model, replacing replacements: [ParameterID: Tensor] = [:], adjust: Adjustment? = nil,
        cacheLimit: Int = 1 << 30
    ) {
        self.model = model
        self.replacements = replacements
        self.adjust = adjust
        self.cacheLimit = cacheLimit
    }

    /// A stored value, of the type and shape that the graph declares.
    ///
    /// - Throws: `AssayError.unreadable` when it is missing, cannot be decoded, or has another shape.
    func tensor(_ stored: StoredValue, constant: Tensor? = nil, fact: Fact) throws(AssayError) -> PreparedTensor<Scalar>
    {
        if let known = cache.withLock({ $0.tensors[stored] }) { return known }
        let value = try load(stored, constant)
        guard fact.knownShape == value.shape else {
            throw .unreadable(
                "wrong shape of a stored value", expected: fact.shape?.text, found: value.shape.description,
                file: model.provenance.path, object: name(of: stored))
        }
        let prepared: PreparedTensor<Scalar>
        do throws(AssayError) {
            if let adjust {
                prepared = try PreparedTensor(value, as: fact.type) { adjust(stored, value.type, $0) }
            } else {
                prepared = try PreparedTensor(value, as: fact.type)
            }
        } catch {
            throw error.located(file: model.provenance.path, object: name(of: stored))
        }
        keep(prepared, as: stored)
        return prepared
    }

    /// The stored matrix whose transpose a parameter is, where it can be used as it lies: products read either, and a copy
    /// in the other order would lie beside it in memory.
    ///
    /// - Throws: `AssayError.unreadable` when the bytes cannot be read.
    func untransposed(_ id: ParameterID, fact: Fact) throws(AssayError) -> PreparedTensor<Scalar>? {
        let parameter = model[id]
        guard adjust == nil, replacements[id] == nil, parameter.view == .transposed(.stored(0), [1, 0]),
            let tensor = parameter.sources.first.flatMap({ model.tensors[$0] }), tensor.type == Scalar.elementType,
            case .region(let region) = tensor.storage, region.isAligned(to: MemoryLayout<Scalar>.alignment),
            fact.knownShape == Shape(tensor.shape.extents.reversed())
        else { return nil }
        return try PreparedTensor(tensor, as: fact.type)
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

    private func keep(_ prepared: PreparedTensor<Scalar>, as stored: StoredValue) {
        cache.withLock { cache in
            let total = cache.copiedByteCount + prepared.copiedByteCount
            guard total <= cacheLimit, cache.tensors[stored] == nil else { return }
            cache.tensors[stored] = prepared
            cache.copiedByteCount = total
        }
    }
}
