// Sharing out work whose pieces need memory of their own.

import AssayTensors
import Synchronization

extension ThreadPool {
    /// Calls `body` for every index below `count`, with the number of the thread that it runs on: memory for each thread is
    /// found by that number.
    func forEachWorker(_ count: Int, _ body: @Sendable (_ worker: Int, _ index: Int) -> Void) {
        let next = Atomic<Int>(0)
        forEach(min(threadCount, count)) { worker in
            while true {
                let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard index < count else { return }
                body(worker, index)
            }
        }
    }
}
