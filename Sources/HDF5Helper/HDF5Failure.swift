// Why a file is refused.

import CHDF5

/// A refusal; its message goes to the calling process as the last record.
struct HDF5Failure: Error {
    let message: String

    init(_ message: String) { self.message = message }

    /// A call of libhdf5 that failed: what was being done, and the innermost entry of the library's error stack.
    init(library action: String) {
        var cause = ""
        withUnsafeMutablePointer(to: &cause) { cause in
            _ = H5Ewalk2(
                0, H5E_WALK_UPWARD,
                { _, entry, context in
                    guard let entry, let text = entry.pointee.desc, let context else { return 0 }
                    let cause = context.assumingMemoryBound(to: String.self)
                    if cause.pointee.isEmpty { cause.pointee = String(cString: text) }
                    return 0
                }, cause)
        }
        message = cause.isEmpty ? action : "\(action): \(cause)"
    }
}

/// The identifier that a call of libhdf5 returned.
///
/// - Throws: where it is none.
func valid(_ identifier: hid_t, _ action: @autoclosure () -> String) throws(HDF5Failure) -> hid_t {
    guard identifier >= 0 else { throw HDF5Failure(library: action()) }
    return identifier
}

/// Throws where a call of libhdf5 returned a failure.
func check(_ status: herr_t, _ action: @autoclosure () -> String) throws(HDF5Failure) {
    guard status >= 0 else { throw HDF5Failure(library: action()) }
}
