// Runs a model as often as its standard input asks, so that a driver can let it take turns with another runtime.
//
// usage: Forward MODEL THREADS
//
// Lines in, a line out for each:
//   shape BATCH SEQUENCE   makes inputs of that shape up: "ok"
//   run                    runs once: the nanoseconds that it took, and those of all processors
//   memory                 peak memory of this process so far, in kilobytes

import Assay
import Glibc
import OrderedCollections

/// Inputs by name.
typealias Feeds = OrderedDictionary<String, Tensor>

/// Integer inputs of one shape, by the names that BERT's forms share.
func inputs(of model: Model, batch: Int, sequence: Int) throws(AssayError) -> Feeds {
    var tensors = Feeds()
    for input in try model.requireGraph().inputs {
        var values: [Int64] = []
        for item in 0..<batch {
            for position in 0..<sequence {
                switch input.name {
                case "input_ids": values.append(Int64((item * 7919 + position * 104_729) % 30_000 + 100))
                case "position_ids": values.append(Int64(position))
                case "attention_mask": values.append(1)
                default: values.append(0)
                }
            }
        }
        tensors[input.name] = Tensor(values, shape: [batch, sequence])
    }
    return tensors
}

/// The time of a clock.
func nanoseconds(_ clock: Int32) -> Int {
    var time = timespec()
    clock_gettime(clock, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
}

/// Writes a line at once: whoever asked waits for it.
func say(_ line: some CustomStringConvertible, to descriptor: Int32 = STDOUT_FILENO) {
    var text = "\(line)\n"
    text.withUTF8 { _ = write(descriptor, $0.baseAddress, $0.count) }
}

/// The most memory that this process has had.
func peakKilobytes() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss
}

guard CommandLine.arguments.count == 3, let threads = Int(CommandLine.arguments[2]) else {
    say("usage: Forward MODEL THREADS", to: STDERR_FILENO)
    exit(2)
}
do {
    let model = try Model.open(CommandLine.arguments[1])
    let runner = try ModelRunner(model, threads: ThreadPool(threads: threads))
    var feeds = Feeds()
    while let line = readLine() {
        let words = line.split(separator: " ")
        switch words.first {
        case "shape":
            feeds = try inputs(of: model, batch: Int(words[1]) ?? 1, sequence: Int(words[2]) ?? 1)
            say("ok")
        case "run":
            let (start, startOfWork) = (nanoseconds(CLOCK_MONOTONIC), nanoseconds(CLOCK_PROCESS_CPUTIME_ID))
            let result = try runner.run(feeds)
            let (end, endOfWork) = (nanoseconds(CLOCK_MONOTONIC), nanoseconds(CLOCK_PROCESS_CPUTIME_ID))
            say("\(end - start) \(endOfWork - startOfWork)")
            if result.outputs.isEmpty { exit(1) }
        default: say(peakKilobytes())
        }
    }
} catch {
    say(error, to: STDERR_FILENO)
    exit(1)
}
