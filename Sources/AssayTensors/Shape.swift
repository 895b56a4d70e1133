// The extents of a tensor, checked against overflow once and for all.

/// The extents of a tensor, row-major: the last axis is contiguous. A scalar has no extents.
public struct Shape: Sendable, Hashable, ExpressibleByArrayLiteral {
    /// The extent of each axis, none of them negative.
    public let extents: [Int]
    /// How many elements a tensor of this shape has.
    public let count: Int

    /// The most axes that Assay accepts in a file (NumPy's limit is 64, HDF5's 32).
    public static let maximumRank = 64

    /// A shape from extents that come from outside.
    ///
    /// - Throws: `AssayError.unreadable` for a negative extent, too many axes, or a product beyond 2⁵³.
    public init(checking extents: [Int]) throws(AssayError) {
        guard extents.count <= Shape.maximumRank else {
            throw .unreadable(
                "too many axes", expected: "at most \(Shape.maximumRank)", found: "\(extents.count)")
        }
        var product = 1
        var overflow = false
        // A zero anywhere makes the tensor empty, but the other extents must still be sensible.
        for extent in extents {
            guard extent >= 0 else { throw .unreadable("negative extent in shape \(extents)") }
            let (next, overflowed) = product.multipliedReportingOverflow(by: max(extent, 1))
            overflow = overflow || overflowed
            product = next
        }
        guard !overflow, product <= 1 << 53 else { throw .unreadable("shape \(extents) has too many elements") }
        self.extents = extents
        self.count = extents.contains(0) ? 0 : product
    }

    /// A shape that the program itself made.
    ///
    /// - Precondition: no extent is negative and the product fits an `Int`.
    public init(_ extents: [Int]) {
        precondition(extents.allSatisfy { $0 >= 0 }, "negative extent")
        self.extents = extents
        self.count = extents.reduce(1, *)
    }

    /// A shape that the program itself made.
    public init(arrayLiteral elements: Int...) { self.init(elements) }

    /// The number of axes.
    public var rank: Int { extents.count }

    /// The extent of one axis.
    public subscript(axis: Int) -> Int { extents[axis] }

    /// How many elements lie between neighbours along each axis.
    public var strides: [Int] {
        var strides = [Int](repeating: 1, count: extents.count)
        for axis in stride(from: extents.count - 2, through: 0, by: -1) {
            strides[axis] = strides[axis + 1] * extents[axis + 1]
        }
        return strides
    }

    /// The place along each axis of an element by its row-major number.
    public func position(of element: Int) -> [Int] {
        zip(extents, strides).map { extent, stride in element / stride % max(extent, 1) }
    }

    /// The bytes of a dense tensor of this shape.
    ///
    /// - Throws: `AssayError.unreadable` when the product does not fit.
    public func byteCount(of type: ElementType) throws(AssayError) -> Int {
        let (bytes, overflow) = count.multipliedReportingOverflow(by: type.byteCount)
        guard !overflow else { throw .unreadable("shape \(self) has too many bytes") }
        return bytes
    }
}

extension Shape: CustomStringConvertible {
    /// `2 × 3 × 4`, or `scalar`.
    public var description: String {
        extents.isEmpty ? "scalar" : extents.map(String.init).joined(separator: " × ")
    }
}
