// Damaged copies of sound files: each loads or is refused with an error, in bounded time and memory. Runs when
// ASSAY_FUZZ_COUNT says how many copies of each kind (`make fuzz`); ASSAY_FUZZ_SEED chooses others than the usual ones.

import AssayTensors
import AssayTestSupport
import Glibc
import Testing

@Suite("Fuzz", .serialized)
struct FuzzTests {
    private static func number(_ name: String) -> Int? { getenv(name).flatMap { Int(String(cString: $0)) } }

    @Test(
        "damaged files load or are refused", .enabled(if: number("ASSAY_FUZZ_COUNT") != nil), arguments: FuzzTarget.all)
    func damage(_ target: FuzzTarget) throws {
        let count = Self.number("ASSAY_FUZZ_COUNT") ?? 0
        let seeds = try target.seeds()
        let folder = TemporaryFolder()
        var mutation = Mutation(seed: UInt64(Self.number("ASSAY_FUZZ_SEED") ?? 1))
        var loaded = 0
        for round in 0..<count {
            let bytes = try target.wrap(mutation.damaged(seeds[round % seeds.count]), folder)
            let path = try folder.write(bytes, to: "damaged")
            let clock = ContinuousClock()
            let time = try clock.measure {
                do {
                    try target.read(path)
                    loaded += 1
                } catch let error as AssayError {
                    #expect(error.code == .unreadable && !error.message.isEmpty, "round \(round)")
                }
            }
            #expect(time < .seconds(2), "round \(round) took \(time)")
        }
        print(
            "fuzz \(target): \(loaded) of \(count) damaged files load, the others are refused; peak \(peakMemory) MiB")
        #expect(peakMemory < 1024)
    }

    /// The most memory that the process has held, in MiB.
    private var peakMemory: Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss / 1024
    }
}
