// Shares out independent pieces of work over threads of our own (WorkerCrew).

import Glibc
import Synchronization

/// Runs independent pieces of work on several threads. The calling thread works too. Calls may nest: each
/// caller works on its own pieces, so that it never waits for threads that are busy elsewhere.
public struct ThreadPool: Sendable {
    /// How many threads work at once.
    public let threadCount: Int

    /// A pool of `threads`, nil for as many as the machine has processors.
    public init(threads: Int? = nil) {
        threadCount = max(1, min(threads ?? ThreadPool.processorCount, 256))
    }

    /// The processors of the machine.
    public static var processorCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    /// One thread: work runs on the caller's.
    public static let single = ThreadPool(threads: 1)

    /// Calls `body` for every index below `count`, on several threads, and returns when all are done.
    public func forEach(_ count: Int, _ body: @Sendable (Int) -> Void) {
        let workers = min(threadCount, count)
        guard workers > 1 else {
            for index in 0..<max(count, 0) { body(index) }
            return
        }
        withoutActuallyEscaping(body) { body in
            let job = WorkerCrew.Job(count: count, helpers: workers - 1, body: body)
            WorkerCrew.shared.run(job)
        }
    }

    /// Calls `body` for every index below `count`, on several threads.
    ///
    /// - Throws: the first error, by index, that any of them threw.
    public func forEachThrowing(
        _ count: Int, _ body: @Sendable (Int) throws(AssayError) -> Void
    ) throws(AssayError) {
        let failure = Mutex<(index: Int, error: AssayError)?>(nil)
        forEach(count) { index in
            do throws(AssayError) {
                guard failure.withLock({ $0 == nil }) else { return }
                try body(index)
            } catch {
                failure.withLock { if $0.map({ index < $0.index }) ?? true { $0 = (index, error) } }
            }
        }
        if let error = failure.withLock({ $0?.error }) { throw error }
    }

    /// The results of `body` for every index below `count`, in order, computed on several threads.
    ///
    /// - Throws: the first error, by index, that any of them threw.
    public func map<Result: Sendable>(
        _ count: Int, _ body: @Sendable (Int) throws(AssayError) -> Result
    ) throws(AssayError) -> [Result] {
        let results = Mutex([Result?](repeating: nil, count: count))
        try forEachThrowing(count) { (index) throws(AssayError) in
            let result = try body(index)
            results.withLock { $0[index] = result }
        }
        return results.withLock { $0.compactMap(\.self) }
    }
}
