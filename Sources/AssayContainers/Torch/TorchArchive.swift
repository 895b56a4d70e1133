// The format of torch.save since PyTorch 1.6: a zip archive, uncompressed, with a pickle and a member for each storage.

import AssayTensors

/// A checkpoint in a zip archive: `NAME/data.pkl`, `NAME/data/KEY`, `NAME/byteorder`, `NAME/version`.
struct TorchArchive: TorchStorageSource {
    let stateDict: Unpickled
    private let archive: ZipArchive
    private let prefix: String

    private static let maximumPickleSize = 1 << 28

    init(_ bytes: ByteRegion) throws(AssayError) {
        archive = try ZipArchive(bytes: bytes)
        let pickles = TorchArchive.pickleNames(in: archive)
        guard pickles.count == 1, let name = pickles.first else {
            throw .unreadable("is no PyTorch checkpoint", expected: "one member data.pkl", found: "\(pickles.count)")
        }
        prefix = String(name.dropLast("data.pkl".count))
        if let order = archive.members[prefix + "byteorder"] {
            let text = try String(decoding: archive.content(of: order, limit: 16).array, as: UTF8.self)
            guard text == "little" else {
                throw .unreadable("unsupported byte order", expected: "little", found: text, object: order.name)
            }
        }
        do throws(AssayError) {
            let content = try archive.content(
                of: archive.member(name), limit: TorchArchive.maximumPickleSize)
            stateDict = try TorchUnpickler.read(content)
        } catch {
            throw error.located(object: name)
        }
    }

    /// The members that can be the pickle of a state dict: `NAME/data.pkl`.
    static func pickleNames(in archive: ZipArchive) -> [String] {
        archive.members.keys.filter { $0.hasSuffix("/data.pkl") && $0.split(separator: "/").count == 2 }
    }

    func bytes(of storage: TorchStorage) throws(AssayError) -> ByteRegion {
        try archive.storedBytes(of: archive.member("\(prefix)data/\(storage.key)"))
    }
}
