// One member of a zip archive, as the central directory describes it.

/// A member of a zip archive.
public struct ZipMember: Sendable, Hashable {
    /// How the bytes are stored.
    public enum Method: Sendable, Hashable {
        /// As they are.
        case stored
        /// Deflated.
        case deflated
        /// By a method that Assay does not read, by its number.
        case other(UInt16)

        init(_ number: UInt16) {
            switch number {
            case ZipFormat.stored: self = .stored
            case ZipFormat.deflated: self = .deflated
            default: self = .other(number)
            }
        }
    }

    /// The name, parts separated by `/`.
    public let name: String
    /// How the bytes are stored.
    public let method: Method
    /// The offset of the stored bytes in the archive.
    public let offset: Int
    /// The number of stored bytes.
    public let storedSize: Int
    /// The number of bytes of the content.
    public let size: Int
    /// The content's CRC-32.
    public let checksum: UInt32
    /// The directory's comment on this member.
    public let comment: String
    /// Whether it is encrypted, and so cannot be read.
    public let isEncrypted: Bool

    /// Whether it stands for a folder and has no content.
    public var isFolder: Bool { name.hasSuffix("/") }

    /// Whether a name is relative and has plain parts, also for a system that separates parts by `\`. (NumPy writes the
    /// names of arrays as they are, and Keras lets a layer's name have a `\`.)
    static func isPlain(_ name: String) -> Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        // The last part of a folder's name is empty.
        guard !name.isEmpty, parts.dropLast().allSatisfy({ !$0.isEmpty }), !name.hasPrefix("\\") else { return false }
        let isRelative = name.split { $0 == "/" || $0 == "\\" }.allSatisfy { $0 != ".." && $0 != "." }
        return isRelative && name.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }
}
