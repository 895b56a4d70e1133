// Threads: every piece of work is done once, whoever calls and however calls nest.

import AssayTensors
import Synchronization
import Testing

@Suite("Thread pool")
struct ThreadPoolTests {
    @Test("each index is worked on once", arguments: [1, 2, 3, 16])
    func once(threads: Int) {
        let pool = ThreadPool(threads: threads)
        for count in [0, 1, 2, 7, 1000] {
            let counts = Mutex([Int](repeating: 0, count: count))
            pool.forEach(count) { index in counts.withLock { $0[index] += 1 } }
            #expect(counts.withLock { $0.allSatisfy { $0 == 1 } })
        }
    }

    @Test("calls nest without deadlock, three deep")
    func nested() {
        let pool = ThreadPool(threads: 4)
        let total = Atomic<Int>(0)
        for _ in 0..<50 {
            pool.forEach(5) { _ in
                pool.forEach(4) { _ in
                    pool.forEach(3) { _ in total.add(1, ordering: .relaxed) }
                }
            }
        }
        #expect(total.load(ordering: .relaxed) == 50 * 60)
    }

    @Test("many short jobs in a row, from several threads at once")
    func manyJobs() {
        let outer = ThreadPool(threads: 3)
        let total = Atomic<Int>(0)
        outer.forEach(3) { _ in
            let inner = ThreadPool(threads: 2)
            for _ in 0..<2000 { inner.forEach(2) { _ in total.add(1, ordering: .relaxed) } }
        }
        #expect(total.load(ordering: .relaxed) == 12_000)
    }

    @Test("the error of the lowest index that was reached is thrown, and a later job is not disturbed")
    func errors() throws {
        let pool = ThreadPool(threads: 2)
        let error = #expect(throws: AssayError.self) {
            try pool.forEachThrowing(10) { (index) throws(AssayError) in
                if index >= 3 { throw .usage("piece \(index)") }
            }
        }
        #expect(error?.code == .usage)
        #expect(try pool.map(5) { (index) throws(AssayError) in index * index } == [0, 1, 4, 9, 16])
    }
}
