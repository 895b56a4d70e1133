// What the pickle of a state dict can hold.

import AssayTensors

/// A value of a pickle. Containers lie in a table (`Unpickled.objects`) and values refer to them by number, so that
/// cycles and deep nesting, which a hostile file may have, cost nothing.
enum PickleValue {
    case none
    case bool(Bool)
    case integer(Int)
    /// An integer beyond 64 bits: its little-endian bytes.
    case long([UInt8])
    case number(Double)
    case text(String)
    case global(TorchGlobal)
    case object(Int)
    case storage(TorchStorage)
    indirect case tensor(TorchView)

    var integer: Int? { if case .integer(let value) = self { value } else { nil } }
    var text: String? { if case .text(let value) = self { value } else { nil } }
    var storage: TorchStorage? { if case .storage(let value) = self { value } else { nil } }
    var tensor: TorchView? { if case .tensor(let value) = self { value } else { nil } }

    /// What an error calls it.
    var kind: String {
        switch self {
        case .none: "None"
        case .bool: "a truth value"
        case .integer, .long: "an integer"
        case .number: "a number"
        case .text: "a text"
        case .global(let global): "the name \(global.name)"
        case .object: "a container"
        case .storage: "a storage"
        case .tensor: "a tensor"
        }
    }
}

/// A container of a pickle.
struct PickleObject {
    enum Kind { case tuple, list, dictionary }

    let kind: Kind
    /// The elements; of a dictionary keys and values by turns.
    var elements: [PickleValue]
}

/// A pickle that was read.
struct Unpickled {
    let root: PickleValue
    let objects: [PickleObject]
    /// The offset behind the pickle.
    let end: Int

    /// The elements of a list; nil for other values.
    func list(_ value: PickleValue) -> [PickleValue]? {
        guard case .object(let number) = value, objects[number].kind == .list else { return nil }
        return objects[number].elements
    }

    /// The entries of a dictionary in order; nil for other values.
    func dictionary(_ value: PickleValue) -> [(key: PickleValue, value: PickleValue)]? {
        guard case .object(let number) = value, objects[number].kind == .dictionary else { return nil }
        let elements = objects[number].elements
        return stride(from: 0, to: elements.count - 1, by: 2).map { (elements[$0], elements[$0 + 1]) }
    }
}
