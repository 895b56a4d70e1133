// The helper process assay-hdf5: how it is found, started, listened to and ended.

import AssayTensors
import Glibc

enum HDF5Helper {
    private static let programName = "assay-hdf5"
    /// The most bytes that an answer may have; the helper keeps to it too.
    private static let maximumAnswer = 64 << 20
    private static let seconds = 8.0

    /// The index of the file at `path`, of which `range` is the HDF5 file.
    static func index(path: String, range: Range<Int>) throws(AssayError) -> ByteRegion {
        try run(["index", path, "\(range.lowerBound)", "\(range.count)"], input: [])
    }

    /// Makes a file by `plan` at `path`.
    static func create(path: String, plan: [UInt8]) throws(AssayError) -> ByteRegion {
        try run(["create", path], input: plan)
    }

    private static func run(_ arguments: [String], input: [UInt8]) throws(AssayError) -> ByteRegion {
        let process = try HelperProcess(program: try program(), arguments: arguments)
        process.send(input)
        let ending = process.read(atMost: maximumAnswer, seconds: seconds)
        let (status, signal) = process.end()
        switch ending {
        case .tooLarge: throw .unreadable("damaged HDF5 file: its structure has no end")
        case .tooLate: throw .unreadable("damaged HDF5 file: reading it takes more than \(Int(seconds)) s")
        case .finished(let bytes):
            guard status != notStarted else {
                throw .unreadable(
                    "\(programName) does not start", hint: "is libhdf5 installed (apt install libhdf5-103-1)?")
            }
            // SIGKILL is our own way to end it.
            guard signal == 0 || signal == SIGKILL else {
                throw .unreadable("damaged HDF5 file: libhdf5 crashed on it")
            }
            return ByteRegion(bytes)
        }
    }

    /// The exit status of a program whose libraries are missing.
    private static let notStarted: Int32 = 127

    /// Where the helper is: `ASSAY_HDF5`, or beside the running executable.
    private static func program() throws(AssayError) -> String {
        if let path = getenv("ASSAY_HDF5") { return String(cString: path) }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let executable = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
        if let slash = executable.lastIndex(of: "/") {
            let path = executable[...slash] + programName
            if access(String(path), X_OK) == 0 { return String(path) }
        }
        throw .unreadable(
            "HDF5 files are read by the program \(programName), which is not beside \(executable)",
            hint: "install it there, or set ASSAY_HDF5 to its path")
    }
}

/// A child process that gets its input at once and then answers, over one socket.
private struct HelperProcess {
    enum Ending {
        case finished([UInt8])
        case tooLarge
        case tooLate
    }

    private let identifier: pid_t
    private let socket: Int32

    init(program: String, arguments: [String]) throws(AssayError) {
        // A socket pair, not pipes: other threads that start programs at this moment do not inherit it, and writing to
        // a process that has died is an error, not a signal.
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            throw .unreadable("\(program) cannot be started: \(MappedFile.reason(errno))")
        }
        defer { close(ends[1]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        // What a crashing C library prints helps nobody.
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var words = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var identifier = pid_t()
        let status = posix_spawn(&identifier, program, &actions, nil, &words, environ)
        guard status == 0 else {
            close(ends[0])
            throw .unreadable("\(program) cannot be started: \(MappedFile.reason(status))")
        }
        self.identifier = identifier
        socket = ends[0]
    }

    /// Sends all of `input` and its end. A process that does not listen says why in its answer.
    func send(_ input: [UInt8]) {
        var rest = input[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            rest = rest.dropFirst(count)
        }
        shutdown(socket, Int32(SHUT_WR))
    }

    /// Reads until the process ends its output, has said more than `limit` bytes, or `seconds` have passed.
    func read(atMost limit: Int, seconds: Double) -> Ending {
        let start = HelperProcess.now
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let left = seconds - (HelperProcess.now - start)
            guard left > 0 else { return .tooLate }
            var wait = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
            guard poll(&wait, 1, Int32(left * 1000) + 1) > 0 else { continue }
            let count = Glibc.read(socket, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return .finished(bytes) }
            bytes.append(contentsOf: buffer[..<count])
            guard bytes.count <= limit else { return .tooLarge }
        }
    }

    /// Ends the process, if it still runs; gives its exit status and the signal that ended it.
    func end() -> (status: Int32, signal: Int32) {
        close(socket)
        kill(identifier, SIGKILL)
        var status: Int32 = 0
        while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
        return ((status >> 8) & 0xFF, status & 0x7F)
    }

    private static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
