// Histograms drawn with text.

/// A histogram of equally wide bins.
public struct Histogram: Sendable {
    /// The lower end of the first bin.
    public var minimum: Double
    /// The upper end of the last bin.
    public var maximum: Double
    /// How many values lie in each bin.
    public var counts: [Int]

    /// A histogram.
    public init(minimum: Double, maximum: Double, counts: [Int]) {
        self.minimum = minimum
        self.maximum = maximum
        self.counts = counts
    }

    /// One line a bin: where it begins, a bar, and how many values it holds.
    public func text(on terminal: Terminal) -> String {
        let largest = max(counts.max() ?? 0, 1)
        let room = max(10, min((terminal.width ?? 80) - 30, 50))
        let step = (maximum - minimum) / Double(max(counts.count, 1))
        var text = ""
        for (bin, count) in counts.enumerated() {
            let start = Numbers.short(minimum + Double(bin) * step)
            let bar = Histogram.bar(Double(count) / Double(largest), room)
            text += "\(start.padded(to: 12, alignment: .right))  \(bar.padded(to: room))  \(Numbers.grouped(count))\n"
        }
        return text
    }

    /// One character a bin: `▁▂▅█▃▁`.
    public var sparkline: String {
        let largest = max(counts.max() ?? 0, 1)
        let blocks: [Character] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
        return String(counts.map { $0 == 0 ? blocks[0] : blocks[max(1, min(8, 8 * $0 / largest))] })
    }

    /// A bar of this share of `room`, in eighths of a column.
    private static func bar(_ share: Double, _ room: Int) -> String {
        let eighths = Int((share * Double(room * 8)).rounded())
        let ends = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
        let bar = String(repeating: "█", count: eighths / 8) + ends[eighths % 8]
        return bar.isEmpty && share > 0 ? "▏" : bar
    }
}
