// Reading `pytorch_model.bin`: state dicts of tensors that torch.save wrote, in both of its formats. Nothing is executed.

import AssayTensors
import OrderedCollections

/// The tensors of a PyTorch checkpoint.
public struct TorchFile: Sendable {
    /// The tensors by name, where their storages lie in the file.
    public let content: NamedTensors
    /// The names of the tensors that are the same view of one storage, in groups of two and more.
    public let tied: [[String]]

    /// Reads the checkpoint at `path`.
    ///
    /// - Throws: `AssayError.unreadable` when it is damaged, or does anything but build tensors; then the error names the
    ///   instruction or Python name that is refused, with its offset.
    public static func open(_ path: String) throws(AssayError) -> TorchFile {
        do throws(AssayError) {
            return try TorchFile(MappedFile(path: path).bytes)
        } catch {
            throw error.located(file: path)
        }
    }

    /// Whether the bytes are those of a PyTorch checkpoint: an archive with a pickle of data, or the old magic number.
    public static func recognises(_ bytes: ByteRegion) -> Bool {
        guard ZipArchive.recognises(bytes) else { return TorchLegacyFile.recognises(bytes) }
        guard let archive = try? ZipArchive(bytes: bytes) else { return false }
        return !TorchArchive.pickleNames(in: archive).isEmpty
    }

    /// Reads a checkpoint in memory.
    ///
    /// - Throws: as `open`.
    public init(_ bytes: ByteRegion) throws(AssayError) {
        let source: any TorchStorageSource =
            if ZipArchive.recognises(bytes) { try TorchArchive(bytes) } else { try TorchLegacyFile(bytes) }
        let pickle = source.stateDict
        guard let entries = pickle.dictionary(pickle.root) else {
            throw .unreadable("is no state dict", expected: "a dictionary of tensors", found: pickle.root.kind)
        }
        var tensors: OrderedDictionary<String, Tensor> = [:]
        var names: OrderedDictionary<TorchView, [String]> = [:]
        for (key, value) in entries {
            guard let name = key.text else {
                throw .unreadable("a key of the state dict is no text", found: key.kind)
            }
            guard let view = value.tensor else {
                throw .unreadable("is no tensor", found: value.kind, object: name)
            }
            do throws(AssayError) {
                tensors[name] = try view.tensor(in: source.bytes(of: view.storage))
            } catch {
                throw error.located(object: name)
            }
            names[view, default: []].append(name)
        }
        guard tensors.count == entries.count else { throw .unreadable("two tensors have one name") }
        content = NamedTensors(tensors)
        tied = names.values.filter { $0.count > 1 }
    }
}

/// Where a checkpoint keeps its pickle and its storages.
protocol TorchStorageSource {
    /// The pickle of the state dict.
    var stateDict: Unpickled { get }
    /// The bytes of a storage, where they lie in the file.
    func bytes(of storage: TorchStorage) throws(AssayError) -> ByteRegion
}
