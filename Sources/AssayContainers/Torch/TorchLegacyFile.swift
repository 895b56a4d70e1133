// The format of torch.save before PyTorch 1.6: five pickles one after the other, then the storages.

import AssayTensors

/// A checkpoint as a row of pickles: a magic number, the format's version, the system that wrote it, the state dict, the
/// keys of the storages; then, in the order of the keys, each storage's number of elements (64 bits) and its elements.
struct TorchLegacyFile: TorchStorageSource {
    let stateDict: Unpickled
    private var storages: [String: ByteRegion] = [:]

    /// 0x1950a86a20f9469cfc6c, little-endian.
    private static let magic: [UInt8] = [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]
    private static let version = 1001

    /// Whether the bytes begin with the pickle of the magic number.
    static func recognises(_ bytes: ByteRegion) -> Bool {
        let start: [UInt8] = [0x80, 0x02, 0x8A, UInt8(magic.count)] + magic
        return (try? bytes.slice(at: 0, count: start.count))?.array == start
    }

    init(_ bytes: ByteRegion) throws(AssayError) {
        let first = try TorchUnpickler.read(bytes)
        guard case .long(TorchLegacyFile.magic) = first.root else {
            throw .unreadable("is no PyTorch checkpoint: neither a zip archive nor the magic number of the old format")
        }
        let version = try TorchUnpickler.read(bytes, at: first.end)
        guard version.root.integer == TorchLegacyFile.version else {
            throw .unreadable(
                "unknown version of the old PyTorch format", expected: "\(TorchLegacyFile.version)",
                found: version.root.integer.map(String.init) ?? version.root.kind)
        }
        let system = try TorchUnpickler.read(bytes, at: version.end)
        let isLittleEndian = system.dictionary(system.root)?.contains { key, value in
            guard key.text == "little_endian", case .bool(true) = value else { return false }
            return true
        }
        guard isLittleEndian == true else {
            throw .unreadable("unsupported byte order", expected: "little_endian true")
        }
        stateDict = try TorchUnpickler.read(bytes, at: system.end)
        try readStorages(bytes)
    }

    private mutating func readStorages(_ bytes: ByteRegion) throws(AssayError) {
        let list = try TorchUnpickler.read(bytes, at: stateDict.end)
        guard let keys = list.list(list.root) else {
            throw .unreadable("the keys of the storages are missing", offset: stateDict.end)
        }
        // The file gives the number of elements; their type stands with the tensors alone.
        var sizes: [String: Int] = [:]
        for storage in usedStorages { sizes[storage.key] = storage.type.byteCount }
        var reader = ByteReader(bytes, at: list.end)
        for key in keys {
            guard let key = key.text, let size = sizes[key] else {
                throw .unreadable("a storage that no tensor uses", offset: reader.offset)
            }
            let count = try reader.readCount()
            let (length, overflow) = count.multipliedReportingOverflow(by: size)
            guard !overflow else { throw .unreadable("the storage \(key) is too large", offset: reader.offset) }
            storages[key] = try reader.read(count: length)
        }
    }

    private var usedStorages: [TorchStorage] {
        (stateDict.dictionary(stateDict.root) ?? []).compactMap { $0.value.tensor?.storage }
    }

    func bytes(of storage: TorchStorage) throws(AssayError) -> ByteRegion {
        guard let bytes = storages[storage.key] else {
            throw .unreadable("the file has no storage \(storage.key)")
        }
        return bytes
    }
}
