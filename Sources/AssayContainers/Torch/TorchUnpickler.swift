// A reader of pickles that can make tensors and nothing else. Python's pickle is a program for a stack machine that may
// call anything; this machine knows only the instructions and names that a state dict needs, and refuses the rest by name.
// (Python: Lib/pickletools.py; PyTorch: torch/_weights_only_unpickler.py.)

import AssayTensors

/// Reads one pickle of protocol 2.
struct TorchUnpickler {
    private var reader: ByteReader
    private var stack: [PickleValue] = []
    /// The heights of the stack at which marks stand.
    private var marks: [Int] = []
    private var memo: [Int: PickleValue] = [:]
    private var objects: [PickleObject] = []

    /// The most instructions of one pickle: a state dict needs about 30 a tensor. It bounds stack, memo and objects too.
    private static let maximumInstructions = 1 << 24

    /// Reads the pickle that begins at `offset`.
    ///
    /// - Throws: `AssayError.unreadable` with the offset of the instruction that is damaged or refused.
    static func read(_ bytes: ByteRegion, at offset: Int = 0) throws(AssayError) -> Unpickled {
        var machine = TorchUnpickler(reader: ByteReader(bytes, at: offset))
        return try machine.run()
    }

    private init(reader: ByteReader) { self.reader = reader }

    private mutating func run() throws(AssayError) -> Unpickled {
        for _ in 0..<TorchUnpickler.maximumInstructions {
            let start = reader.offset
            do throws(AssayError) {
                let byte = try reader.read(UInt8.self)
                guard let opcode = PickleOpcode(rawValue: byte) else {
                    throw .unreadable(
                        "refuses the pickle instruction \(PickleOpcode.name(of: byte)), which tensors do not need")
                }
                if opcode == .stop {
                    let root = try pop()
                    guard stack.isEmpty, marks.isEmpty else { throw .unreadable("the pickle leaves values behind") }
                    return Unpickled(root: root, objects: objects, end: reader.offset)
                }
                try execute(opcode)
            } catch {
                throw error.located(offset: start)
            }
        }
        throw .unreadable("the pickle is too long", expected: "at most \(TorchUnpickler.maximumInstructions) steps")
    }

    // MARK: Instructions

    private mutating func execute(_ opcode: PickleOpcode) throws(AssayError) {
        switch opcode {
        case .proto: try checkProtocol()
        case .none, .newTrue, .newFalse, .binaryInteger, .byteInteger, .shortInteger, .long, .binaryFloat, .unicode:
            stack.append(try literal(opcode))
        case .mark: marks.append(stack.count)
        case .emptyTuple: add(.tuple, [])
        case .tuple1: add(.tuple, try pop(1))
        case .tuple2: add(.tuple, try pop(2))
        case .tuple3: add(.tuple, try pop(3))
        case .tuple: add(.tuple, try popToMark())
        case .emptyList: add(.list, [])
        case .emptyDictionary: add(.dictionary, [])
        case .append: try extend(.list, by: pop(1))
        case .appends: try extend(.list, by: popToMark())
        case .setItem: try extend(.dictionary, by: pop(2))
        case .setItems: try extend(.dictionary, by: popToMark())
        case .get: try recall(Int(reader.read(UInt8.self)))
        case .longGet: try recall(Int(reader.read(UInt32.self)))
        case .put: memo[Int(try reader.read(UInt8.self))] = try top()
        case .longPut: memo[Int(try reader.read(UInt32.self))] = try top()
        case .global: stack.append(try global())
        case .persistentID: stack.append(.storage(try storage(pop())))
        case .reduce: try reduce()
        case .build: try build()
        case .stop: break
        }
    }

    private mutating func checkProtocol() throws(AssayError) {
        let version = try reader.read(UInt8.self)
        guard version <= 2 else {
            throw .unreadable(
                "unsupported pickle protocol", expected: "2, as torch.save writes unless told otherwise",
                found: "\(version)")
        }
    }

    private mutating func literal(_ opcode: PickleOpcode) throws(AssayError) -> PickleValue {
        switch opcode {
        case .newTrue: return .bool(true)
        case .newFalse: return .bool(false)
        case .binaryInteger: return .integer(Int(try reader.read(Int32.self)))
        case .byteInteger: return .integer(Int(try reader.read(UInt8.self)))
        case .shortInteger: return .integer(Int(try reader.read(UInt16.self)))
        case .binaryFloat: return .number(Double(bitPattern: try reader.read(UInt64.self).byteSwapped))
        case .unicode: return .text(try reader.readText(count: Int(reader.read(UInt32.self))))
        case .long: return try long()
        default: return .none
        }
    }

    /// Two's complement, little-endian, as many bytes as its first byte says.
    private mutating func long() throws(AssayError) -> PickleValue {
        let bytes = try reader.read(count: Int(reader.read(UInt8.self))).array
        guard bytes.count <= 8 else { return .long(bytes) }
        let isNegative = (bytes.last ?? 0) & 0x80 != 0
        var value = isNegative ? UInt64.max : 0
        for byte in bytes.reversed() { value = value << 8 | UInt64(byte) }
        return .integer(Int(bitPattern: UInt(value)))
    }

    /// A name: two lines of text.
    private mutating func global() throws(AssayError) -> PickleValue {
        let (module, name) = (try line(), try line())
        guard let global = TorchGlobal(module: module, name: name) else {
            throw .unreadable(
                "refuses the Python name '\(module).\(name)', which tensors do not need",
                hint: "nothing in a pickle is ever executed")
        }
        return .global(global)
    }

    private mutating func line() throws(AssayError) -> String {
        var bytes: [UInt8] = []
        while bytes.count < 256 {
            let byte = try reader.read(UInt8.self)
            if byte == UInt8(ascii: "\n") { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(byte)
        }
        throw .unreadable("a Python name is too long")
    }

    // MARK: Calls

    private mutating func reduce() throws(AssayError) {
        let arguments = try tuple(pop())
        let function = try pop()
        guard case .global(let global) = function else {
            throw .unreadable("refuses a call of \(function.kind)")
        }
        switch global {
        case .orderedDictionary where arguments.isEmpty: add(.dictionary, [])
        case .size where arguments.count == 1: add(.tuple, try tuple(arguments[0]))
        // A tensor, whether it is trained, hooks.
        case .rebuildParameter where arguments.count == 3 && arguments[0].tensor != nil: stack.append(arguments[0])
        // A storage, an offset, extents, strides, whether it is trained, hooks, and in newer files metadata.
        case .rebuildTensor where (6...7).contains(arguments.count):
            guard let storage = arguments[0].storage, let offset = arguments[1].integer else {
                throw .unreadable("a tensor without a storage and an offset")
            }
            let view = try TorchView(
                storage: storage, offset: offset, extents: integers(arguments[2]), strides: integers(arguments[3]))
            stack.append(.tensor(view))
        default: throw .unreadable("refuses a call of \(global.name) with \(arguments.count) arguments")
        }
    }

    /// Attributes of a dictionary (PyTorch's `_metadata`: the versions of its modules) are left out.
    private mutating func build() throws(AssayError) {
        _ = try pop()
        guard case .object(let number) = try top(), objects[number].kind == .dictionary else {
            throw .unreadable("refuses attributes of anything but a dictionary")
        }
    }

    /// `("storage", type, key, device, count)`, and in the old format whether it is a view of another, which it must not be.
    private func storage(_ identifier: PickleValue) throws(AssayError) -> TorchStorage {
        let parts = try tuple(identifier)
        guard (5...6).contains(parts.count), parts[0].text == "storage",
            case .global(.storage(let type)) = parts[1], let key = parts[2].text,
            let count = parts[4].integer, count >= 0
        else { throw .unreadable("refuses a persistent object that is no storage of a known type") }
        if parts.count == 6 {
            guard case .none = parts[5] else { throw .unreadable("refuses a storage that is a view of another") }
        }
        return TorchStorage(key: key, type: type, count: count)
    }

    private func integers(_ value: PickleValue) throws(AssayError) -> [Int] {
        let elements = try tuple(value)
        let integers = elements.compactMap(\.integer)
        guard integers.count == elements.count else { throw .unreadable("extents and strides must be integers") }
        return integers
    }

    private func tuple(_ value: PickleValue) throws(AssayError) -> [PickleValue] {
        guard case .object(let number) = value, objects[number].kind == .tuple else {
            throw .unreadable("damaged pickle", expected: "a tuple", found: value.kind)
        }
        return objects[number].elements
    }

    // MARK: Stack

    private mutating func add(_ kind: PickleObject.Kind, _ elements: [PickleValue]) {
        objects.append(PickleObject(kind: kind, elements: elements))
        stack.append(.object(objects.count - 1))
    }

    private mutating func extend(_ kind: PickleObject.Kind, by elements: [PickleValue]) throws(AssayError) {
        guard case .object(let number) = try top(), objects[number].kind == kind,
            kind != .dictionary || elements.count.isMultiple(of: 2)
        else { throw .unreadable("damaged pickle: elements for something that takes none") }
        objects[number].elements += elements
    }

    private mutating func recall(_ index: Int) throws(AssayError) {
        guard let value = memo[index] else { throw .unreadable("damaged pickle: nothing is remembered as \(index)") }
        stack.append(value)
    }

    /// The values that are above the last mark.
    private var available: Int { stack.count - (marks.last ?? 0) }

    private func top() throws(AssayError) -> PickleValue {
        guard available > 0, let value = stack.last else { throw .unreadable("damaged pickle: the stack is empty") }
        return value
    }

    private mutating func pop() throws(AssayError) -> PickleValue {
        let value = try top()
        stack.removeLast()
        return value
    }

    private mutating func pop(_ count: Int) throws(AssayError) -> [PickleValue] {
        guard available >= count else { throw .unreadable("damaged pickle: the stack is empty") }
        defer { stack.removeLast(count) }
        return Array(stack.suffix(count))
    }

    private mutating func popToMark() throws(AssayError) -> [PickleValue] {
        guard let mark = marks.popLast() else { throw .unreadable("damaged pickle: no mark") }
        defer { stack.removeLast(stack.count - mark) }
        return Array(stack[mark...])
    }
}
