// What the assembly asks of a checkpoint: the stored tensor of a parameter.

import AssayGraph
import AssayTensors

/// A stored tensor that plays the part of a parameter.
public struct StoredParameter: Sendable {
    /// Its name in `Model.tensors`.
    public var name: String
    /// The type of its elements.
    public var type: ElementType
    /// The shape in which it is stored.
    public var shape: Shape
    /// How it is stored.
    public var stored: BlockSpecification.Stored

    /// A stored tensor.
    public init(name: String, type: ElementType, shape: Shape, stored: BlockSpecification.Stored) {
        self.name = name
        self.type = type
        self.shape = shape
        self.stored = stored
    }

    /// How the stored tensor gives the value.
    ///
    /// - Throws: `AssayError.unreadable` when it has another number of axes.
    public func view() throws(AssayError) -> View {
        var view = View.stored(0)
        var extents = shape.extents
        if stored.leadingOnes > 0 {
            guard extents.count >= stored.leadingOnes, extents.prefix(stored.leadingOnes).allSatisfy({ $0 == 1 }) else {
                throw .unreadable(
                    "wrong shape of a tensor", expected: "\(stored.leadingOnes) axes of extent 1 in front",
                    found: shape.description, object: name)
            }
            extents.removeFirst(stored.leadingOnes)
            view = .reshaped(view, extents)
        }
        guard let axes = stored.axes else { return view }
        guard axes.count == extents.count else {
            throw .unreadable(
                "wrong shape of a tensor", expected: "\(axes.count) axes", found: shape.description, object: name)
        }
        // The value's axis a stands where `axes` names it.
        return .transposed(view, axes.indices.map { axis in axes.firstIndex(of: axis) ?? axis })
    }
}

extension BlockSpecification.Stored {
    /// The names under which the dialect's files have it.
    public var writtenNames: [String] { [name] + twins }

    /// How the dialect stores the value that `view` makes of a tensor stored elsewhere.
    ///
    /// - Parameter shape: the shape of that tensor.
    /// - Throws: `AssayError.unreadable` when the value has another number of axes.
    public func view(of value: View, over shape: Shape) throws(AssayError) -> View {
        let ordered = axes.map { View.transposed(value, $0) } ?? value
        guard leadingOnes > 0 else { return ordered }
        return .reshaped(ordered, [Int](repeating: 1, count: leadingOnes) + (try ordered.shape(of: [shape]).extents))
    }
}

/// The tensors of a checkpoint by their meaning.
public protocol ParameterStore: Sendable {
    /// The stored tensor of a parameter; nil where the checkpoint has none.
    func stored(_ tensor: ExpectedTensor) -> StoredParameter?
}
