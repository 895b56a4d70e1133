// The threads behind every ThreadPool: started when first needed, parked on a condition variable in between.

import Glibc
import Synchronization

/// The helper threads of the process. They live as long as it does, since starting one costs more than most jobs.
final class WorkerCrew: @unchecked Sendable {
    // Unchecked: everything mutable is touched under `lock` alone.
    static let shared = WorkerCrew()

    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let jobArrived = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let helperLeft = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    /// Jobs that still have room for helpers.
    private var open: [Job] = []
    private var helperCount = 0

    private init() {
        pthread_mutex_init(lock, nil)
        pthread_cond_init(jobArrived, nil)
        pthread_cond_init(helperLeft, nil)
    }

    /// Works on `job` together with the helpers that are free, and returns when all of it is done.
    func run(_ job: Job) {
        pthread_mutex_lock(lock)
        while helperCount < job.openSeats, startHelper() { helperCount += 1 }
        open.append(job)
        if job.openSeats == 1 { pthread_cond_signal(jobArrived) } else { pthread_cond_broadcast(jobArrived) }
        pthread_mutex_unlock(lock)

        job.work()

        pthread_mutex_lock(lock)
        open.removeAll { $0 === job }
        while job.activeHelpers > 0 { pthread_cond_wait(helperLeft, lock) }
        job.body = nil
        pthread_mutex_unlock(lock)
    }

    /// Starts one thread that helps for ever; false when the system gives none, and then the callers do the work.
    private func startHelper() -> Bool {
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { _ in
                WorkerCrew.shared.help()
                return nil
            }, nil)
        guard status == 0 else { return false }
        pthread_detach(thread)
        return true
    }

    private func help() {
        pthread_mutex_lock(lock)
        while true {
            guard let job = open.first else {
                pthread_cond_wait(jobArrived, lock)
                continue
            }
            job.openSeats -= 1
            if job.openSeats == 0 { open.removeFirst() }
            job.activeHelpers += 1
            pthread_mutex_unlock(lock)
            job.work()
            pthread_mutex_lock(lock)
            job.activeHelpers -= 1
            if job.activeHelpers == 0 { pthread_cond_broadcast(helperLeft) }
        }
    }

    /// Pieces of work that several threads take one by one.
    final class Job: @unchecked Sendable {
        // Unchecked: `next` is atomic; the rest is touched under the crew's lock, or by the caller before and after.
        private let count: Int
        private let next = Atomic<Int>(0)
        /// What to do for each index; taken away when the job is done, since helpers may hold the job a little longer.
        fileprivate var body: (@Sendable (Int) -> Void)?
        /// How many more helpers may join.
        fileprivate var openSeats: Int
        /// How many helpers are at work.
        fileprivate var activeHelpers = 0

        init(count: Int, helpers: Int, body: @escaping @Sendable (Int) -> Void) {
            self.count = count
            openSeats = helpers
            self.body = body
        }

        /// Takes pieces until none is left. Not inlined, so that no reference to `body` outlives it.
        @inline(never)
        fileprivate func work() {
            guard let body else { return }
            while true {
                let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard index < count else { return }
                body(index)
            }
        }
    }
}
