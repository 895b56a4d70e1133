// A view together with the tensors that it shows: looked at where they lie, and moved only when somebody needs the value.

import AssayTensors

/// What a parameter or a constant holds.
public struct StoredView: Sendable {
    /// The movement of elements.
    public let view: View
    /// The stored tensors that it counts.
    public let stored: [Tensor]

    /// How many elements of a value are sampled.
    private static let sampledElements = 4

    /// A view of stored tensors.
    public init(_ view: View, of stored: [Tensor]) {
        self.view = view
        self.stored = stored
    }

    /// A tensor as it is.
    public init(_ tensor: Tensor) { self.init(.stored(0), of: [tensor]) }

    /// The value: the stored tensor where it lies, or a new one with its elements moved.
    ///
    /// - Throws: `AssayError.unreadable` when the view does not fit, or a stored tensor cannot be decoded.
    public func value() throws(AssayError) -> Tensor { try view.apply(to: stored) }

    /// The elements in any order: the stored tensor where the value has all of it, else the value.
    ///
    /// - Throws: as `value()`.
    public func elements() throws(AssayError) -> Tensor {
        guard view.isRearrangement, let tensor = stored.first else { return try value() }
        return tensor
    }

    /// The shape of the value.
    ///
    /// - Throws: `AssayError.unreadable` when the view does not fit the stored tensors.
    public func shape() throws(AssayError) -> Shape { try view.shape(of: stored.map(\.shape)) }

    /// The same elements in the same order, on one axis.
    ///
    /// - Throws: `AssayError.unreadable` when the view does not fit the stored tensors.
    public func flattened() throws(AssayError) -> StoredView {
        let flat = View.reshaped(view, [try shape().count])
        return StoredView(try flat.simplified(for: stored.map(\.shape)), of: stored)
    }

    /// Whether both values have the same type, shape and bits. Where the views are the same, nothing is moved.
    ///
    /// - Throws: as `value()`.
    public func isBitEqual(to other: StoredView) throws(AssayError) -> Bool {
        if view == other.view, view.isRearrangement, let mine = stored.first, let theirs = other.stored.first,
            mine.shape == theirs.shape
        {
            return try mine.isBitEqual(to: theirs, isLastUse: true)
        }
        return try value().isBitEqual(to: other.value(), isLastUse: true)
    }

    /// What equal values have in common at least.
    public struct Sample: Hashable, Sendable {
        private let type: ElementType?
        private let shape: Shape
        /// Some elements, from the first to the last.
        private let bits: [[UInt8]]

        fileprivate init(_ type: ElementType?, _ shape: Shape, _ bits: [[UInt8]]) {
            self.type = type
            self.shape = shape
            self.bits = bits
        }
    }

    /// A sample of the value, for which no element is moved.
    ///
    /// - Throws: as `value()`.
    public func sample() throws(AssayError) -> Sample {
        let shapes = stored.map(\.shape)
        let shape = try shape()
        var bits: [[UInt8]] = []
        for number in 0..<min(shape.count, StoredView.sampledElements) {
            let element = (shape.count - 1) * number / (StoredView.sampledElements - 1)
            let place = try view.place(of: element, in: shapes)
            let size = stored[place.tensor].type.byteCount
            let part = try stored[place.tensor].part(place.element * size..<(place.element + 1) * size)
            bits.append(part.withUnsafeBytes { Array($0) })
        }
        return Sample(stored.first?.type, shape, bits)
    }
}

extension Model {
    /// A parameter with its stored tensors.
    ///
    /// - Throws: `AssayError.unreadable` when a stored tensor is missing.
    public func stored(_ parameter: Parameter) throws(AssayError) -> StoredView {
        var stored: [Tensor] = []
        for name in parameter.sources {
            guard let tensor = tensors[name] else {
                throw .unreadable("a stored tensor is missing", file: provenance.path, object: name)
            }
            stored.append(tensor)
        }
        return StoredView(parameter.view, of: stored)
    }

    /// The value of a parameter: its stored tensor where it lies, or the view's result.
    ///
    /// - Throws: `AssayError.unreadable` when a stored tensor is missing or cannot be decoded.
    public func value(of parameter: Parameter) throws(AssayError) -> Tensor {
        let stored = try stored(parameter)
        do throws(AssayError) { return try stored.value() } catch {
            throw error.located(file: provenance.path, object: parameter.path)
        }
    }

    /// The value of a parameter by its number.
    public func value(of parameter: ParameterID) throws(AssayError) -> Tensor { try value(of: self[parameter]) }
}
