// Writes checkpoints in the old format of torch.save, byte by byte, so that tests can break each part.

/// A pickle under construction.
struct PickleBuilder {
    private(set) var bytes: [UInt8] = [0x80, 2]

    /// The bytes so far with the final instruction.
    var finished: [UInt8] { bytes + [UInt8(ascii: ".")] }

    mutating func raw(_ more: [UInt8]) { bytes += more }
    mutating func op(_ letters: String) { bytes += Array(letters.utf8) }
    mutating func global(_ module: String, _ name: String) { op("c\(module)\n\(name)\n") }
    mutating func text(_ text: String) { bytes += [UInt8(ascii: "X")] + little(UInt32(text.utf8.count)) + text.utf8 }
    mutating func integer(_ value: Int) { bytes += [0x8A, 8] + little(UInt64(bitPattern: Int64(value))) }

    mutating func tuple(_ values: [Int]) {
        op("(")
        for value in values { integer(value) }
        op("t")
    }

    /// What a tensor is made of, the call that rebuilds it left out.
    mutating func tensorArguments(_ tensor: TorchTensor) {
        op("((")
        text("storage")
        global("torch", tensor.storageType)
        text(tensor.key)
        text("cpu")
        integer(tensor.count)
        op("NtQ")
        integer(tensor.offset)
        tuple(tensor.size)
        tuple(tensor.strides)
        raw([0x89])
        global("collections", "OrderedDict")
        op(")Rt")
    }

    mutating func tensor(_ tensor: TorchTensor) {
        global("torch._utils", "_rebuild_tensor_v2")
        tensorArguments(tensor)
        op("R")
    }
}

/// A tensor as a pickle describes it.
struct TorchTensor {
    var key = "1"
    var storageType = "FloatStorage"
    var count = 6
    var offset = 0
    var size: [Int]
    var strides: [Int]
}

enum TorchCheckpoint {
    /// The pickle of a dictionary of tensors.
    static func stateDict(_ tensors: [(name: String, tensor: TorchTensor)]) -> [UInt8] {
        var pickle = PickleBuilder()
        pickle.op("}(")
        for (name, tensor) in tensors {
            pickle.text(name)
            pickle.tensor(tensor)
        }
        pickle.op("u")
        return pickle.finished
    }

    /// A whole file: a state dict, and the storage "1" of the Floats 0, 1, ….
    static func legacy(_ stateDict: [UInt8], count: Int = 6, isLittleEndian: Bool = true) -> [UInt8] {
        var file = header(isLittleEndian: isLittleEndian) + stateDict
        var keys = PickleBuilder()
        keys.op("](")
        keys.text("1")
        keys.op("e")
        file += keys.finished + little(UInt64(count))
        for number in 0..<count { file += little(Float(number).bitPattern) }
        return file
    }

    /// What stands before the state dict.
    static func header(isLittleEndian: Bool = true) -> [UInt8] {
        var magic = PickleBuilder()
        magic.raw([0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19])
        var version = PickleBuilder()
        version.integer(1001)
        var system = PickleBuilder()
        system.op("}")
        system.text("little_endian")
        system.raw([isLittleEndian ? 0x88 : 0x89])
        system.op("s")
        return magic.finished + version.finished + system.finished
    }
}

private func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    (0..<Value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> Value($0 * 8)) }
}
