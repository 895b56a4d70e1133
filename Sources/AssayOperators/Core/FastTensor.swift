// Values of the fast path: typed pointers into memory that the plan owns.

import AssayTensors

/// How values of an element type are held while a model runs.
public enum StorageClass: Sendable, Hashable {
    /// Floating-point types: in the scalar of the run.
    case real
    /// Integer types: 64 bits each.
    case integer
    /// Booleans: one byte each, 0 or 1.
    case boolean

    /// How values of `type` are held.
    public init(_ type: ElementType) {
        self = type.isFloatingPoint ? .real : type == .bool ? .boolean : .integer
    }

    /// Bytes of one element where a real takes `scalarBytes`.
    public func byteCount(scalarBytes: Int) -> Int {
        switch self {
        case .real: scalarBytes
        case .integer: 8
        case .boolean: 1
        }
    }
}

/// A dense, row-major value of the fast path. The plan owns the memory and has checked its size.
public struct FastTensor<Scalar: FastScalar>: @unchecked Sendable {
    // Unchecked: operators write disjoint parts of results and only read operands.
    /// The extents.
    public let shape: [Int]
    /// The number of elements.
    public let count: Int
    /// The type that the graph declares.
    public let type: ElementType
    /// The first element.
    public let start: UnsafeMutableRawPointer

    /// A value at `start`, which has room for all elements.
    public init(type: ElementType, shape: [Int], start: UnsafeMutableRawPointer) {
        self.type = type
        self.shape = shape
        count = shape.reduce(1, *)
        self.start = start
    }

    /// How the elements are held.
    public var storage: StorageClass { StorageClass(type) }

    /// The number of axes.
    public var rank: Int { shape.count }

    /// The elements of a floating-point value.
    public var reals: UnsafeMutablePointer<Scalar> {
        precondition(storage == .real, "a floating-point value")
        return start.assumingMemoryBound(to: Scalar.self)
    }

    /// The elements of an integer value.
    public var integers: UnsafeMutablePointer<Int64> {
        precondition(storage == .integer, "an integer value")
        return start.assumingMemoryBound(to: Int64.self)
    }

    /// The elements of a boolean value.
    public var booleans: UnsafeMutablePointer<UInt8> {
        precondition(storage == .boolean, "a boolean value")
        return start.assumingMemoryBound(to: UInt8.self)
    }

    /// One element as a scalar, whatever the storage; for small operands, not for loops.
    public func scalar(at index: Int) -> Scalar {
        switch storage {
        case .real: reals[index]
        case .integer: Scalar(integers[index])
        case .boolean: booleans[index] == 0 ? 0 : 1
        }
    }
}

/// One fast evaluation of an operator.
public struct FastCall<Scalar: FastScalar>: @unchecked Sendable {
    // Unchecked: the workspace is the operator's own while it runs.
    /// The operands in the operator's order; nil where one is left out.
    public let operands: [FastTensor<Scalar>?]
    /// The results, with their shapes; nil where nobody asks for one.
    public let results: [FastTensor<Scalar>?]
    /// Threads to share out work with.
    public let threads: ThreadPool
    /// As many elements as `workspaceCount` said.
    public let workspace: UnsafeMutablePointer<Scalar>
    /// What happens to the rows of result 0 where it lies, for operators that take followers.
    public let followers: RowChain<Scalar>
    /// The kernel of a `Linear`, where the executor has packed it; then its operand is left out.
    public let packedKernel: PackedMatrix<Scalar>?

    /// One fast evaluation of an operator.
    public init(
        operands: [FastTensor<Scalar>?], results: [FastTensor<Scalar>?], threads: ThreadPool,
        workspace: UnsafeMutablePointer<Scalar>, followers: RowChain<Scalar> = RowChain(),
        packedKernel: PackedMatrix<Scalar>? = nil
    ) {
        self.operands = operands
        self.results = results
        self.threads = threads
        self.workspace = workspace
        self.followers = followers
        self.packedKernel = packedKernel
    }

    /// An operand that the shape rule has made sure of.
    public func operand(_ index: Int) -> FastTensor<Scalar> {
        guard let operand = operands[index] else { preconditionFailure("operand \(index) was inferred as there") }
        return operand
    }

    /// An operand that may be left out.
    public func optional(_ index: Int) -> FastTensor<Scalar>? {
        operands.indices.contains(index) ? operands[index] : nil
    }

    /// A result that is always asked for.
    public func result(_ index: Int = 0) -> FastTensor<Scalar> {
        guard let result = results[index] else { preconditionFailure("result \(index) is planned") }
        return result
    }
}
