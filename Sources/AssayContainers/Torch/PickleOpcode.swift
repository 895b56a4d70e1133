// The opcodes of Python's pickle format by the names that Python's pickletools gives them.

/// One instruction of a pickle. Those that `TorchUnpickler` does not execute are here so that errors can name them.
enum PickleOpcode: UInt8 {
    // Values.
    case none = 0x4E, newTrue = 0x88, newFalse = 0x89
    case binaryInteger = 0x4A, byteInteger = 0x4B, shortInteger = 0x4D, long = 0x8A, binaryFloat = 0x47
    case unicode = 0x58
    // Containers.
    case mark = 0x28, emptyTuple = 0x29, tuple = 0x74, tuple1 = 0x85, tuple2 = 0x86, tuple3 = 0x87
    case emptyList = 0x5D, append = 0x61, appends = 0x65
    case emptyDictionary = 0x7D, setItem = 0x73, setItems = 0x75
    // Memory.
    case get = 0x68, longGet = 0x6A, put = 0x71, longPut = 0x72
    // Calls, of which only those that make tensors are known.
    case global = 0x63, reduce = 0x52, build = 0x62, persistentID = 0x51
    // Frame.
    case proto = 0x80, stop = 0x2E

    /// What an error calls an instruction that is refused.
    static func name(of byte: UInt8) -> String {
        let name = refused[byte].map { " (\($0))" } ?? ""
        return "0x" + String(byte, radix: 16) + name
    }

    private static let refused: [UInt8: String] = [
        0x30: "POP", 0x31: "POP_MARK", 0x32: "DUP", 0x42: "BINBYTES", 0x43: "SHORT_BINBYTES", 0x46: "FLOAT",
        0x49: "INT", 0x4C: "LONG", 0x50: "PERSID", 0x53: "STRING", 0x54: "BINSTRING", 0x55: "SHORT_BINSTRING",
        0x56: "UNICODE", 0x64: "DICT", 0x67: "GET", 0x69: "INST", 0x6C: "LIST", 0x6F: "OBJ", 0x70: "PUT",
        0x81: "NEWOBJ", 0x82: "EXT1", 0x83: "EXT2", 0x84: "EXT4", 0x8B: "LONG4", 0x8C: "SHORT_BINUNICODE",
        0x8D: "BINUNICODE8", 0x8E: "BINBYTES8", 0x8F: "EMPTY_SET", 0x90: "ADDITEMS", 0x91: "FROZENSET",
        0x92: "NEWOBJ_EX", 0x93: "STACK_GLOBAL", 0x94: "MEMOIZE", 0x95: "FRAME", 0x96: "BYTEARRAY8",
        0x97: "NEXT_BUFFER", 0x98: "READONLY_BUFFER",
    ]
}
