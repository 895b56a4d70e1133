// The threads behind every ThreadPool: started when first needed, parked on a condition variable in between.

import CKernels
import Glibc
import Synchronization

/// The helper threads of the process. They live as long as it does, since starting one costs more than most jobs.
///
/// Jobs follow each other closely, and waking a thread takes longer than many of them. So whoever waits looks out for a tenth of a
/// millisecond before it sleeps: a helper for the next job, a caller for the helpers that are still at work. On a busy
/// machine that is all that waiting costs the others.
final class WorkerCrew: @unchecked Sendable {
    // Unchecked: what is mutable and not atomic is touched under `lock` alone.
    static let shared = WorkerCrew()

    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let jobArrived = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let helperLeft = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    /// Jobs that still have room for helpers.
    private var open: [Job] = [] {
        didSet { openCount.store(open.count, ordering: .relaxed) }
    }
    /// How many they are, for those who look out.
    private let openCount = Atomic<Int>(0)
    private var helperCount = 0

    /// How often a condition is looked at before a thread sleeps: about a tenth of a millisecond.
    private static let looks = 10_000

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
        pthread_mutex_unlock(lock)
        // Nobody joins any more.
        if !lookOut(for: { job.activeHelpers.load(ordering: .acquiring) == 0 }) {
            pthread_mutex_lock(lock)
            while job.activeHelpers.load(ordering: .acquiring) > 0 { pthread_cond_wait(helperLeft, lock) }
            pthread_mutex_unlock(lock)
        }
        job.body = nil
    }

    /// Waits a little for a condition; whether it came to be.
    private func lookOut(for condition: () -> Bool) -> Bool {
        for _ in 0..<WorkerCrew.looks {
            if condition() { return true }
            assay_pause()
        }
        return condition()
    }

    /// Starts one thread that helps for ever; false when the system gives none, and then the callers do the work.
    private func startHelper() -> Bool {
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { _ in
                while true { WorkerCrew.shared.help() }
            }, nil)
        guard status == 0 else { return false }
        pthread_detach(thread)
        return true
    }

    /// Waits for a job and helps with it.
    private func help() {
        _ = lookOut { openCount.load(ordering: .relaxed) > 0 }
        pthread_mutex_lock(lock)
        while open.isEmpty { pthread_cond_wait(jobArrived, lock) }
        let job = open[0]
        job.openSeats -= 1
        if job.openSeats == 0 { open.removeFirst() }
        job.activeHelpers.add(1, ordering: .relaxed)
        pthread_mutex_unlock(lock)

        job.work()

        guard job.activeHelpers.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 else { return }
        // Under the lock, so that no caller looks before and sleeps after.
        pthread_mutex_lock(lock)
        pthread_cond_broadcast(helperLeft)
        pthread_mutex_unlock(lock)
    }

    /// Pieces of work that several threads take one by one.
    final class Job: @unchecked Sendable {
        // Unchecked: `next` and `activeHelpers` are atomic; the rest is touched under the crew's lock, or by the caller before
        // and after.
        private let count: Int
        private let next = Atomic<Int>(0)
        /// What to do for each index; taken away when the job is done, since helpers may hold the job a little longer.
        fileprivate var body: (@Sendable (Int) -> Void)?
        /// How many more helpers may join.
        fileprivate var openSeats: Int
        /// How many helpers are at work.
        fileprivate let activeHelpers = Atomic<Int>(0)

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
