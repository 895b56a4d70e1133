// What Assay knows of a file format: how to recognise, read and write it.

import AssayTensors

/// One file format, or one dialect of it.
public struct Format: Sendable {
    /// The name that `--to` takes and reports show.
    public let name: String
    /// What it is, in a few words.
    public let title: String
    /// The ends of file names that mean this format when it is written.
    public let suffixes: [String]
    /// Whether a file is of this format; nil for a dialect whose format reads all its dialects.
    let recognises: (@Sendable (FileProbe) -> Bool)?
    /// Reads a file; the second path is the file that has the architecture, where the user gave one.
    let read: (@Sendable (FileProbe, String?) throws(AssayError) -> Model)?
    /// Which tensors a new file would hold. Tensors keep their names unless the format says otherwise.
    let mapping: @Sendable (Model) throws(AssayError) -> [TensorMapping]
    /// The stored tensors that a new file would not hold, in no form.
    let leftOut: @Sendable (Model) throws(AssayError) -> [String]
    /// What a folder of this format holds; nil for a format that is one file.
    public let folder: FolderContent?
    /// Writes a model to a path, where a folder is there already for a format that is one; nil for a format that is only
    /// read.
    let write: (@Sendable (Model, String, WriteOptions) throws(AssayError) -> Void)?

    init(
        name: String, title: String, suffixes: [String] = [],
        recognises: (@Sendable (FileProbe) -> Bool)? = nil,
        read: (@Sendable (FileProbe, String?) throws(AssayError) -> Model)? = nil,
        mapping: @escaping @Sendable (Model) throws(AssayError) -> [TensorMapping] = { model in
            model.tensors.keys.map { TensorMapping(target: $0, sources: [$0]) }
        },
        leftOut: @escaping @Sendable (Model) throws(AssayError) -> [String] = { _ in [] },
        folder: FolderContent? = nil,
        write: (@Sendable (Model, String, WriteOptions) throws(AssayError) -> Void)? = nil
    ) {
        self.name = name
        self.title = title
        self.suffixes = suffixes
        self.recognises = recognises
        self.read = read
        self.mapping = mapping
        self.leftOut = leftOut
        self.folder = folder
        self.write = write
    }
}

/// What a folder of a format holds.
public struct FolderContent: Sendable {
    /// The name of the file with the weights.
    public let weights: String
    /// The names of all files that are written.
    public let names: Set<String>
}

/// How a file is written.
public struct WriteOptions: Sendable {
    /// Store ZTEN tensors as they are, without byte planes, so that `zstd -dc` alone gives a usable file.
    public var isPlain: Bool
    /// The threads that work.
    public var pool: ThreadPool

    /// How a file is written.
    public init(isPlain: Bool = false, pool: ThreadPool = ThreadPool()) {
        self.isPlain = isPlain
        self.pool = pool
    }
}
