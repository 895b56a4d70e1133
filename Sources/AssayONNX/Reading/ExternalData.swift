// Tensors in files beside the model, confined to the model's folder.

import AssayContainers
import AssayTensors
import Glibc
import Synchronization

/// The files beside a model in which it keeps tensors.
///
/// A location is a path inside the model's folder: relative, without `..`, and no part of it a symbolic link. So a model
/// from elsewhere cannot show what lies outside its folder.
final class ExternalData: Sendable {
    private let folder: String
    /// Each file is mapped once.
    private let files = Mutex<[String: MappedFile]>([:])

    init(modelPath: String) {
        let parts = modelPath.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        folder = parts.isEmpty ? "." : parts.joined(separator: "/")
    }

    /// The bytes of a tensor whose data lie in another file.
    ///
    /// - Throws: `AssayError.unreadable` for a location outside the folder, a missing file, or a part that it has not.
    func bytes(of tensor: ONNXTensorProto) throws(AssayError) -> ByteRegion {
        var entries: [String: String] = [:]
        for entry in tensor.externalData { entries[entry.key] = entry.value }
        guard let location = entries["location"] else {
            throw .unreadable("has external data without a location", object: tensor.name)
        }
        do throws(AssayError) {
            let file = try file(at: location)
            let offset = try ExternalData.number(entries["offset"], "offset") ?? 0
            let length = try ExternalData.number(entries["length"], "length") ?? max(0, file.count - offset)
            return try file.bytes.slice(at: offset, count: length)
        } catch {
            throw error.located(object: "\(tensor.name) in \(location)")
        }
    }

    private static func number(_ text: String?, _ name: String) throws(AssayError) -> Int? {
        guard let text else { return nil }
        guard let number = Int(text), number >= 0 else { throw .unreadable("wrong \(name)", found: "'\(text)'") }
        return number
    }

    private func file(at location: String) throws(AssayError) -> MappedFile {
        if let file = files.withLock({ $0[location] }) { return file }
        let file = try MappedFile(path: try confined(location))
        files.withLock { $0[location] = file }
        return file
    }

    /// The path of a location, all of whose parts are folders or files and no links.
    private func confined(_ location: String) throws(AssayError) -> String {
        let parts = location.split(separator: "/", omittingEmptySubsequences: false)
        let isPlain = !location.utf8.contains(0) && parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
        guard isPlain else {
            throw .unreadable("external data outside the model's folder", expected: "a plain path inside it")
        }
        var path = folder
        for part in parts {
            path += "/\(part)"
            var status = stat()
            guard lstat(path, &status) == 0 else { throw .unreadable(MappedFile.reason(errno)) }
            guard status.st_mode & S_IFMT != S_IFLNK else {
                throw .unreadable("external data behind a symbolic link", expected: "a file of the model's folder")
            }
        }
        return path
    }
}
