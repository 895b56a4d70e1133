// Converting a file: from any format that is read to any that is written, checked by reading back.

import AssayTensors
import Glibc

/// A conversion that is decided and not done yet.
public struct Conversion: Sendable {
    /// What is converted.
    public let source: Model
    /// The format of the new file.
    public let target: Format
    /// Where it will stand.
    public let output: String

    /// What reading back showed.
    public struct Check: Sendable {
        /// How many tensors were compared, all of them equal bit for bit.
        public let tensorCount: Int
        /// How many bytes they have.
        public let byteCount: Int
    }

    /// Decides how `source` becomes the file `output`.
    ///
    /// - Parameter formatName: the format's name; by the end of the output's name where it is nil.
    /// - Throws: `AssayError.usage` when no format fits.
    public init(_ source: Model, to output: String, formatName: String? = nil) throws(AssayError) {
        self.source = source
        self.output = output
        target = try FormatRegistry.target(named: formatName, output: output, source: source)
    }

    /// Which tensor of the source becomes which tensor of the new file, in the order of the new file.
    ///
    /// - Throws: `AssayError` when the format cannot hold the model.
    public func mapping() throws(AssayError) -> [TensorMapping] { try target.mapping(source) }

    /// The source's tensors that the new file would not hold, in no form.
    ///
    /// - Throws: `AssayError` when the format cannot hold the model, or a tensor cannot be decoded.
    public func leftOut() throws(AssayError) -> [String] { try target.leftOut(source) }

    /// Writes the file. It stands at its place only when all is written and, unless told otherwise, read back and compared.
    ///
    /// - Returns: what reading back showed; nil when it was not asked for.
    /// - Throws: `AssayError.writeFailed` when it cannot be written or does not read back equal; nothing is left behind.
    @discardableResult
    public func write(options: WriteOptions = WriteOptions(), isChecked: Bool = true) throws(AssayError) -> Check? {
        guard let write = target.write else { throw .usage("\(target.title) is only read, not written") }
        if let content = target.folder { return try writeFolder(content, options, isChecked: isChecked, write) }
        guard isChecked else {
            try write(source, output, options)
            return nil
        }
        let temporary = "\(output).assay-unchecked-\(getpid())"
        defer { unlink(temporary) }
        do throws(AssayError) {
            try write(source, temporary, options)
        } catch {
            throw moved(error, from: temporary)
        }
        let check = try check(temporary, options.pool)
        guard rename(temporary, output) == 0 else {
            throw AssayError(
                .writeFailed, "cannot be written: \(MappedFile.reason(errno))", at: .init(file: output))
        }
        return check
    }

    /// The same error at the place where the file would have stood.
    func moved(_ error: AssayError, from temporary: String) -> AssayError {
        var error = error
        if error.location.file?.hasPrefix(temporary) ?? false { error.location.file = output }
        return error
    }

    /// Compares the file at `path` with what it was made of; threads take tensor by tensor.
    func check(_ path: String, _ pool: ThreadPool) throws(AssayError) -> Check {
        let result: Model
        do throws(AssayError) {
            result = try Model.open(path)
        } catch {
            throw AssayError(
                .writeFailed, "does not read back: \(error.message)", expected: error.expected, found: error.found,
                at: .init(file: output, object: error.location.object))
        }
        let mapping = try mapping()
        let sizes = try pool.map(mapping.count) { (index) throws(AssayError) in
            let entry = mapping[index]
            guard let written = result.tensors[entry.target] else { throw unequal(entry, "is missing") }
            let expected = try entry.value(in: source)
            guard try written.isBitEqual(to: expected, isLastUse: true) else {
                throw unequal(entry, "is not what was written")
            }
            return expected.byteCount
        }
        return Check(tensorCount: mapping.count, byteCount: sizes.reduce(0, +))
    }

    private func unequal(_ entry: TensorMapping, _ what: String) -> AssayError {
        AssayError(
            .writeFailed, "read back: the tensor \(what)", at: .init(file: output, object: entry.target),
            hint: "nothing was written; please report this")
    }
}

/// Where one tensor of a new file comes from.
public struct TensorMapping: Sendable {
    /// The tensor's name in the new file.
    public var target: String
    /// The names of the source's tensors that it is made of.
    public var sources: [String]
    /// How it is made of them.
    public var view: View

    /// A tensor of the new file, and what it is made of.
    public init(target: String, sources: [String], view: View = .stored(0)) {
        self.target = target
        self.sources = sources
        self.view = view
    }

    /// The tensor, as it will be written.
    ///
    /// - Throws: `AssayError.unreadable` when a source is missing or cannot be decoded.
    public func value(in model: Model) throws(AssayError) -> Tensor {
        var stored: [Tensor] = []
        for name in sources {
            guard let tensor = model.tensors[name] else {
                throw .unreadable("a stored tensor is missing", file: model.provenance.path, object: name)
            }
            stored.append(tensor)
        }
        return try view.deferred(over: stored)
    }
}
