// Writing NPZ archives, one array after the other.

import AssayTensors

/// Writes an `.npz` file: stored, in the order of the calls, each array's values at a multiple of 64 bytes, so that
/// they can be used where they lie. Nothing stands at the path until `finish`.
public final class NPZWriter {
    private let archive: ZipWriter

    /// Starts the file that will stand at `path`.
    ///
    /// - Throws: `AssayError.writeFailed` when the folder cannot be written to.
    public init(path: String, pool: ThreadPool = ThreadPool()) throws(AssayError) {
        archive = try ZipWriter(path: path, pool: pool)
    }

    /// Writes one array under `name`. bfloat16 and float8, which NPY cannot name, become raw bytes, as ml_dtypes saves
    /// them; the archive's directory says what they are.
    ///
    /// - Throws: what decoding the tensor throws, and `AssayError.writeFailed`, also for a name that is taken or is
    ///   not a plain relative path.
    public func add(_ name: String, _ tensor: Tensor) throws(AssayError) {
        let header = NPYHeader(type: tensor.type, shape: tensor.shape).encoded
        try archive.addStored(
            name + ".npy", [.bytes(ByteRegion(header)), .tensor(tensor)], alignment: 64,
            comment: NPYHeader.typeName(for: tensor.type))
    }

    /// Completes the file and moves it to its place.
    public func finish() throws(AssayError) { try archive.finish() }
}
