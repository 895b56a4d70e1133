// Attributes: small named values of groups and datasets.

import AssayTensors

/// An attribute of a group or dataset.
public struct HDF5Attribute: Sendable {
    /// What an attribute can hold.
    public enum Value: Sendable {
        /// Text, one string an element, row-major.
        case strings([String])
        /// Numbers or booleans.
        case tensor(Tensor)
        /// Bytes that have no meaning here: opaque elements, or strings that are not UTF-8.
        case bytes(ByteRegion)
        /// Nothing: a null dataspace, as h5py writes for `Empty`.
        case empty
        /// A type that is not read; the text names it.
        case unsupported(String)
    }

    /// The value.
    public let value: Value
    /// The extents: none for a scalar.
    public let shape: Shape
    /// The type in the file.
    public let storedType: HDF5Datatype

    /// The text of an attribute that holds one string, scalar or not.
    public var string: String? {
        guard case .strings(let strings) = value, strings.count == 1 else { return nil }
        return strings[0]
    }

    /// The strings of an attribute that holds text. An array without elements has no strings whatever its type, since
    /// Keras writes an empty list as an array of no numbers.
    public var strings: [String]? {
        switch value {
        case .strings(let strings): strings
        case .tensor(let tensor) where tensor.shape.count == 0: []
        default: nil
        }
    }

    /// The number of an attribute that holds one number.
    public var number: Double? {
        guard case .tensor(let tensor) = value, tensor.shape.count == 1, let numbers = try? tensor.doubles() else {
            return nil
        }
        return numbers.first
    }

    /// The number of an attribute that holds one integer or boolean.
    public var integer: Int? {
        guard case .tensor(let tensor) = value, tensor.shape.count == 1, !tensor.type.isFloatingPoint,
            let numbers = try? tensor.integers()
        else { return nil }
        return numbers.first
    }

    /// The numbers of an attribute that holds integers.
    public var integers: [Int]? {
        guard case .tensor(let tensor) = value, !tensor.type.isFloatingPoint else { return nil }
        return try? tensor.integers()
    }
}

extension HDF5Attribute: CustomStringConvertible {
    /// The value as people read it, cut where it is long.
    public var description: String {
        switch value {
        case .strings(let strings) where shape.rank == 0: strings.first ?? ""
        case .strings(let strings): "[\(strings.joined(separator: ", "))]"
        case .tensor(let tensor) where tensor.shape.count <= 16:
            (try? tensor.doubles()).map { numbers in
                let texts = numbers.map { number in
                    tensor.type.isFloatingPoint ? "\(number)" : Int(exactly: number).map(String.init) ?? "\(number)"
                }
                return shape.rank == 0 ? texts.joined() : "[\(texts.joined(separator: ", "))]"
            } ?? tensor.type.displayName
        case .tensor(let tensor): "\(tensor.type.displayName) \(shape)"
        case .bytes(let bytes): "\(bytes.count) bytes"
        case .empty: "empty"
        case .unsupported(let what): what
        }
    }
}
