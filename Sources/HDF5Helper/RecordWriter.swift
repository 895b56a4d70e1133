// Records on standard output: buffered, whole, and bounded.

import Glibc

struct RecordWriter {
    private var bytes: [UInt8] = []
    /// Where the record under way begins; what comes before is complete.
    private var recordStart = 0
    private var budget: Int

    init(limit: Int) { budget = limit }

    mutating func append<Number: FixedWidthInteger>(_ number: Number) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func append(flag: Bool) { bytes.append(flag ? 1 : 0) }

    mutating func append(raw: [UInt8]) { bytes.append(contentsOf: raw) }

    mutating func append(text: UnsafeRawBufferPointer) {
        append(UInt32(truncatingIfNeeded: text.count))
        bytes.append(contentsOf: text)
    }

    mutating func append(text: [UInt8]) { text.withUnsafeBytes { append(text: $0) } }

    mutating func append(text: String) { append(text: Array(text.utf8)) }

    mutating func append(text pointer: UnsafePointer<CChar>?) {
        append(text: UnsafeRawBufferPointer(start: pointer, count: pointer.map { strlen($0) } ?? 0))
    }

    /// Ends a record.
    ///
    /// - Throws: where the output is more than its limit.
    mutating func endRecord() throws(HDF5Failure) {
        budget -= bytes.count - recordStart
        guard budget >= 0 else { throw HDF5Failure("the file has more objects and attributes than are accepted") }
        recordStart = bytes.count
        if bytes.count >= 1 << 16 { try flush() }
    }

    /// Throws as `endRecord` would, while a record is still growing.
    func checkLimit() throws(HDF5Failure) {
        guard bytes.count - recordStart <= budget else {
            throw HDF5Failure("the file has more objects and attributes than are accepted")
        }
    }

    /// Prints all complete records.
    mutating func flush() throws(HDF5Failure) {
        guard print() else { throw HDF5Failure("standard output is closed") }
    }

    /// Drops the record under way and prints why the file is refused instead.
    mutating func fail(_ message: String) {
        bytes.removeSubrange(recordStart...)
        bytes.append(UInt8(ascii: "X"))
        append(text: message)
        recordStart = bytes.count
        _ = print()
    }

    private mutating func print() -> Bool {
        var done = 0
        while done < recordStart {
            let written = bytes.withUnsafeBytes { buffer in
                buffer.baseAddress.map { write(1, $0 + done, recordStart - done) } ?? -1
            }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return false }
            done += written
        }
        bytes.removeSubrange(..<recordStart)
        recordStart = 0
        return true
    }
}
