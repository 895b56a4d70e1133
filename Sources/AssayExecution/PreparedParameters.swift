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
    /// Changes the elements of floating-point parameters and constants before they are used.
    public struct Adjustment: Sendable {
        /// Changes some elements, of which the first has this index. It gets the type in which they are stored.
        public typealias Change =
            @Sendable (StoredValue, ElementType, _ first: Int, UnsafeMutableBufferPointer<Scalar>) -> Void

        /// Whether an element changes in the same way whichever others there are, so that it may be changed alone.
        public var isElementwise: Bool
        /// The change.
        public var change: Change

        /// A change.
        public init(isElementwise: Bool, _ change: @escaping Change) {
            self.isElementwise = isElementwise
            self.change = change
        }
    }

    /// The model.
    public let model: Model
    private let replacements: [ParameterID: Tensor]
    private let adjust: Adjustment?
    private let cacheLimit: Int
    private let releasesPages: Bool
    private let pool: BufferPool?
    private let cache = Mutex(Cache())
    private let packings = Mutex(Packings())

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

    /// A kernel as products of one operator read it.
    private struct Packing: Hashable {
        let parameter: ParameterID
        let isTransposed: Bool
    }

    private struct Packings {
        var matrices: [Packing: PackedMatrix<Scalar>] = [:]
        var byteCount = 0
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

    /// A stored table of which only these rows are there; nil where all of it may as well be: where it needs no conversion, or
    /// is kept.
    ///
    /// - Throws: as `tensor(_:constant:fact:)`.
    func rows(
        numbered numbers: FastTensor<Scalar>, of stored: StoredValue, constant: Tensor?, fact: Fact
    ) throws(AssayError) -> PreparedTensor<Scalar>? {
        guard let pool, adjust?.isElementwise ?? true, let shape = fact.knownShape, shape.rank > 0, shape[0] > 0 else {
            return nil
        }
        let value = try load(stored, constant)
        try check(value, shape, of: stored)
        let rows = numbers.numberedRows(of: shape[0])
        guard rows.count < shape[0] / 2, adjust != nil || !PreparedTensor<Scalar>.isReady(value, as: fact.type) else {
            return nil
        }
        do throws(AssayError) {
            return try PreparedTensor(rows: rows.sorted(), of: value, as: fact.type, pool: pool) { first, elements in
                adjust?.change(stored, value.type, first, elements)
            }
        } catch {
            throw error.located(file: model.provenance.path, object: name(of: stored))
        }
    }

    /// The stored matrix whose transpose a parameter is; nil where it is no such thing, or another value replaces it.
    /// Products read either, and a copy in the other order would lie beside it in memory.
    ///
    /// - Throws: as `tensor(_:constant:fact:)`.
    func untransposed(_ id: ParameterID, fact: Fact) throws(AssayError) -> PreparedTensor<Scalar>? {
        guard let stored = transposedSource(of: id) else { return nil }
        let use = Use(stored: .parameter(id), isAsStored: true)
        if let known = cache.withLock({ $0.tensors[use] }) { return known }
        return try prepare(stored, as: use, Fact(fact.type, fact.shape?.reversed()))
    }

    /// The stored matrix whose transpose a parameter is, where nothing takes its place.
    private func transposedSource(of id: ParameterID) -> Tensor? {
        let parameter = model[id]
        guard adjust == nil, replacements[id] == nil, parameter.view == .transposed(.stored(0), [1, 0]) else {
            return nil
        }
        return parameter.sources.first.flatMap { model.tensors[$0] }
    }

    /// The kernel of a product, packed, in memory instead of the stored elements, whose pages are given back. Nil where it is
    /// used as it is: in a run that passes over the weights once, and where packed kernels would take up the machine.
    ///
    /// - Parameter isTransposed: whether the parameter is `[out, in]`.
    /// - Throws: as `tensor(_:constant:fact:)`.
    func packed(
        _ id: ParameterID, isTransposed: Bool, fact: Fact, threads: ThreadPool
    ) throws(AssayError) -> PackedMatrix<Scalar>? {
        let packing = Packing(parameter: id, isTransposed: isTransposed)
        let (known, used) = packings.withLock { ($0.matrices[packing], $0.byteCount) }
        if let known { return known }
        guard Scalar.packedKernels != nil, adjust == nil, !releasesPages, let shape = fact.knownShape, shape.rank == 2,
            used + shape.count * MemoryLayout<Scalar>.stride <= Arena.machineLimit / 2
        else { return nil }
        let (bytes, liesTransposed) = try matrix(id, shape, fact.type)
        let (depth, columns) = isTransposed ? (shape[1], shape[0]) : (shape[0], shape[1])
        let matrix = PackedMatrix<Scalar>(
            bytes, depth: depth, columns: columns, isTransposed: isTransposed != liesTransposed, threads: threads)
        guard let matrix else { return nil }
        bytes.release(andNeighbours: true)
        packings.withLock { packings in
            guard packings.matrices.updateValue(matrix, forKey: packing) == nil else { return }
            packings.byteCount += matrix.byteCount
        }
        return matrix
    }

    /// The elements of a matrix in the scalar of the run, at whatever address, and whether they lie in the other order.
    private func matrix(
        _ id: ParameterID, _ shape: Shape, _ type: ElementType
    ) throws(AssayError) -> (bytes: ByteRegion, liesTransposed: Bool) {
        let source = transposedSource(of: id)
        let stored: Tensor
        if let source { stored = source } else { stored = try load(.parameter(id), nil) }
        try check(stored, source == nil ? shape : Shape(shape.extents.reversed()), of: .parameter(id))
        do throws(AssayError) {
            let isScalar = stored.type == Scalar.elementType
            let bytes = try isScalar ? stored.bytes() : PreparedTensor<Scalar>(stored, as: type).bytes
            return (bytes, source != nil)
        } catch {
            throw error.located(file: model.provenance.path, object: name(of: .parameter(id)))
        }
    }

    /// Refuses a stored value of another shape than the graph declares, before a kernel reads past it.
    private func check(_ value: Tensor, _ shape: Shape?, of stored: StoredValue) throws(AssayError) {
        guard shape == value.shape else {
            throw .unreadable(
                "wrong shape of a stored value", expected: shape?.description, found: value.shape.description,
                file: model.provenance.path, object: name(of: stored))
        }
    }

    private func prepare(_ value: Tensor, as use: Use, _ fact: Fact) throws(AssayError) -> PreparedTensor<Scalar> {
        let stored = use.stored
        try check(value, fact.knownShape, of: stored)
        let prepared: PreparedTensor<Scalar>
        do throws(AssayError) {
            if let adjust {
                prepared = try PreparedTensor(value, as: fact.type, pool: pool) {
                    adjust.change(stored, value.type, 0, $0)
                }
            } else {
                prepared = try PreparedTensor(value, as: fact.type, pool: pool)
            }
        } catch {
            throw error.located(file: model.provenance.path, object: name(of: stored))
        }
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
