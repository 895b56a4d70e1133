// One line on standard error for work that takes over a second, only where a person is looking.

import Glibc

/// A line that says how far long work is, and vanishes when it is done. Nothing shows in the first second, nor where
/// standard error is no terminal.
public final class Progress {
    private let isShown: Bool
    private let title: String
    private let start = Progress.now
    private var lastShown = 0.0

    /// Work called `title`.
    public init(_ title: String) {
        self.title = title
        isShown = isatty(STDERR_FILENO) == 1
    }

    deinit { finish() }

    /// Says that `done` of `total` pieces are done.
    public func update(_ done: Int, of total: Int) {
        guard isShown else { return }
        let now = Progress.now
        guard now - start > 1, now - lastShown > 0.1 else { return }
        lastShown = now
        let share = total > 0 ? Numbers.percent(Double(done) / Double(total)) : "\(done)"
        write("\r\u{1B}[K\(title.escaped): \(share)")
    }

    /// Takes the line away.
    public func finish() {
        guard lastShown > 0 else { return }
        lastShown = 0
        write("\r\u{1B}[K")
    }

    private func write(_ text: String) {
        var text = text
        text.withUTF8 { _ = Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    private static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
