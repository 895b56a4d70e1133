// The frequencies of rotary positions, and how models stretch them to longer texts than they were trained on:
// modeling_rope_utils.py of transformers 4.46. Computed in Float, as there.

import AssayOperators
import AssayTensors
import Glibc

/// What the frequencies of rotary positions follow from.
struct RotaryScaling {
    /// The base whose powers they are (`rope_theta`).
    let base: Double
    /// The number of features that are rotated.
    let width: Int
    /// The longest text that the configuration promises (`max_position_embeddings`).
    let trainedLength: Int
    /// The longest text of training where the configuration says it apart (`original_max_position_embeddings`).
    let originalLength: Int?

    /// The rotation for a configuration's `rope_scaling`; nil for none.
    ///
    /// - Throws: `AssayError.notRunnable` for a kind that is not known; `AssayError.unreadable` for numbers that are missing
    ///   or make no sense.
    func rotation(_ scaling: JSON?, isInterleaved: Bool) throws(AssayError) -> RotaryEmbedding {
        guard width % 2 == 0, width <= 1 << 16, base > 0 else {
            throw .unreadable(
                "positions cannot be rotated", expected: "an even width and a positive base",
                found: "width \(width), base \(base)")
        }
        let kind = try kind(of: scaling)
        var rotation = RotaryEmbedding(frequencies: [], isInterleaved: isInterleaved)
        let frequencies: [Float]
        switch kind {
        case "default": frequencies = plain
        case "linear":
            let factor = Float(try number(scaling, "factor"))
            frequencies = plain.map { $0 / factor }
        case "dynamic":
            frequencies = plain
            rotation.growth = .init(factor: try number(scaling, "factor"), trainedLength: trainedLength)
        case "yarn":
            frequencies = try yarn(scaling)
            let factor = try number(scaling, "factor")
            rotation.scale = try number(scaling, "attention_factor", default: 0.1 * log(factor) + 1)
        case "longrope": (frequencies, rotation.scale) = try longRope(scaling)
        case "llama3": frequencies = try llama3(scaling)
        default:
            throw AssayError(
                .notRunnable, "the scaling '\(kind)' of rotary positions is not known",
                expected: "default, linear, dynamic, yarn, longrope, llama3")
        }
        rotation.frequencies = frequencies.map(Double.init)
        return rotation
    }

    /// The name of a scaling; one that only says a factor has none.
    private func kind(of scaling: JSON?) throws(AssayError) -> String {
        guard let scaling, !scaling.isNull else { return "default" }
        let said = scaling["type"] ?? scaling["rope_type"]
        let isPlain = scaling.object != nil && said == nil && scaling["factor"] == nil
        guard let kind = said?.string ?? (isPlain ? "default" : nil) else {
            throw .unreadable("rope_scaling has no kind", expected: "a text as its rope_type", found: scaling.text())
        }
        return kind
    }

    // MARK: Kinds

    /// base^(2 i / width).
    private var powers: [Float] {
        (0..<width / 2).map { Float(pow(Double(Float(base)), Double(Float(2 * $0) / Float(width)))) }
    }

    private var plain: [Float] { powers.map { 1 / $0 } }

    /// Low frequencies are divided by a factor, high ones stay, those between are blended (Peng et al. 2023).
    private func yarn(_ scaling: JSON?) throws(AssayError) -> [Float] {
        let factor = Float(try number(scaling, "factor"))
        let (fast, slow) = (try number(scaling, "beta_fast", default: 32), try number(scaling, "beta_slow", default: 1))
        /// The pair, as a real number, that turns so often over the trained length.
        func pair(turns: Double) -> Double {
            Double(width) * log(Double(trainedLength) / (turns * 2 * .pi)) / (2 * log(base))
        }
        let low = max(pair(turns: fast).rounded(.down), 0)
        var high = min(pair(turns: slow).rounded(.up), Double(width - 1))
        if low == high { high += 0.001 }
        return powers.enumerated().map { index, power in
            let blend = min(max((Float(index) - Float(low)) / Float(high - low), 0), 1)
            let kept = 1 - blend
            return 1 / (factor * power) * (1 - kept) + 1 / power * kept
        }
    }

    /// Each frequency is divided by a factor of its own (Ding et al. 2024).
    private func longRope(_ scaling: JSON?) throws(AssayError) -> ([Float], scale: Double) {
        let factor: Double
        if let originalLength {
            factor = Double(trainedLength) / Double(originalLength)
        } else {
            factor = try number(scaling, "factor")
        }
        let length = Double(originalLength ?? trainedLength)
        let usual = factor <= 1 ? 1 : (1 + log(factor) / log(length)).squareRoot()
        let key = factor > 1 ? "long_factor" : "short_factor"
        let divisors = scaling?[key]?.array?.compactMap(\.number) ?? []
        guard divisors.count == width / 2, divisors.allSatisfy({ $0 > 0 }) else {
            throw .unreadable(
                "rope_scaling.\(key) is wrong", expected: "\(width / 2) positive numbers", found: "\(divisors.count)")
        }
        let frequencies = zip(divisors, powers).map { 1 / (Float($0) * $1) }
        return (frequencies, try number(scaling, "attention_factor", default: usual))
    }

    /// Waves longer than the trained text are stretched, short ones stay, those between are blended (Llama 3.1).
    private func llama3(_ scaling: JSON?) throws(AssayError) -> [Float] {
        let factor = Float(try number(scaling, "factor"))
        let (low, high) = (try number(scaling, "low_freq_factor"), try number(scaling, "high_freq_factor"))
        let length = try number(scaling, "original_max_position_embeddings")
        return plain.map { frequency in
            let wave = Float(2 * Double.pi) / frequency
            if wave < Float(length / high) { return frequency }
            if wave > Float(length / low) { return frequency / factor }
            let smooth = (Float(length) / wave - Float(low)) / Float(high - low)
            return (1 - smooth) * frequency / factor + smooth * frequency
        }
    }

    /// A positive number of `rope_scaling`.
    private func number(_ scaling: JSON?, _ key: String, default fallback: Double? = nil) throws(AssayError) -> Double {
        let said = scaling?[key].flatMap { $0.isNull ? nil : $0 }
        guard let number = said.map(\.number) ?? fallback, number > 0, number.isFinite else {
            throw .unreadable(
                "rope_scaling.\(key) is wrong", expected: "a positive number", found: said?.text() ?? "nothing")
        }
        return number
    }
}
