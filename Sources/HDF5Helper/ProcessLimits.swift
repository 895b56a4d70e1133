// What this process may use at most: a damaged file can make libhdf5 loop, or ask for any amount of memory.

import Glibc

enum ProcessLimits {
    /// Processor seconds; the caller has its own limit on the clock.
    private static let processorSeconds: rlim_t = 8
    /// Address space, of which the 25 libraries behind libhdf5 take about 120 MiB.
    private static let addressSpace: rlim_t = 640 << 20

    /// Limits for `index`: no regular file can be written.
    static func forReading() {
        set(RLIMIT_FSIZE, 0)
        forWriting()
    }

    /// Limits for `create`, whose file is as large as it must be.
    static func forWriting() {
        set(RLIMIT_CORE, 0)
        set(RLIMIT_CPU, processorSeconds)
        set(RLIMIT_AS, addressSpace)
    }

    private static func set(_ resource: __rlimit_resource, _ value: rlim_t) {
        var limit = rlimit(rlim_cur: value, rlim_max: value)
        setrlimit(__rlimit_resource_t(resource.rawValue), &limit)
    }
}
