// What an attribute that is written can hold.

import AssayTensors

/// The value of an attribute to be written.
public enum HDF5AttributeValue: Sendable {
    /// One string.
    case string(String, HDF5StringType = .variableUTF8)
    /// A list of strings.
    case strings([String], HDF5StringType)
    /// Numbers or booleans; a shape without extents is a scalar.
    case tensor(Tensor)

    /// A list of strings of the length of the longest, as NumPy's byte strings; an empty list is an array of no doubles.
    /// So h5py writes the lists of names that Keras gives it.
    public static func byteStrings(_ strings: [String]) -> HDF5AttributeValue {
        guard !strings.isEmpty else { return .tensor(Tensor([] as [Double], shape: [0])) }
        return .strings(strings, .fixed(fitting: strings))
    }

    /// One integer.
    public static func integer(_ value: Int) -> HDF5AttributeValue { .tensor(Tensor([Int64(value)], shape: [])) }

    /// What was read, to be written again, nil where it is of a type that is not written.
    public init?(_ attribute: HDF5Attribute) {
        switch (attribute.value, attribute.storedType) {
        case (.tensor(let tensor), _): self = .tensor(tensor)
        case (.strings(let strings), .string(let type)) where attribute.shape.rank == 0 && strings.count == 1:
            self = .string(strings[0], type)
        case (.strings(let strings), .string(let type)) where attribute.shape.rank == 1: self = .strings(strings, type)
        default: return nil
        }
    }

    /// The bytes that the attribute takes in its object's header; text of variable length lies elsewhere.
    var storedSize: Int {
        switch self {
        case .string(_, let type): type.byteCount
        case .strings(let strings, let type): strings.count * type.byteCount
        case .tensor(let tensor): tensor.byteCount
        }
    }
}

extension HDF5StringType {
    /// Any length, UTF-8: what h5py makes of `str`.
    public static let variableUTF8 = HDF5StringType(length: nil, padding: .nullTerminated, isUTF8: true)
    /// Any length, ASCII: what h5py makes of `bytes`.
    public static let variableASCII = HDF5StringType(length: nil, padding: .nullTerminated, isUTF8: false)

    /// The length of the longest string, NULs behind shorter ones: what h5py makes of NumPy's byte strings.
    public static func fixed(fitting strings: [String]) -> HDF5StringType {
        HDF5StringType(length: max(1, strings.map(\.utf8.count).max() ?? 1), padding: .nulls, isUTF8: false)
    }
}
