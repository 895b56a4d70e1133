// Numbers for people.

import Glibc

/// Numbers as people read them.
public enum Numbers {
    /// `14,755`.
    public static func grouped(_ value: Int) -> String {
        let digits = String(value.magnitude)
        var result = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { result.append(",") }
            result.append(digit)
        }
        return value < 0 ? "-" + result : result
    }

    /// `512 B`, `57.6 KiB`, `417 MiB`.
    public static func bytes(_ count: Int) -> String {
        guard count >= 1024 else { return "\(count) B" }
        var value = Double(count)
        var unit = 0
        while value >= 999.5, unit < 4 {
            value /= 1024
            unit += 1
        }
        return "\(format("%.3g", value)) \(["B", "KiB", "MiB", "GiB", "TiB"][unit])"
    }

    /// Four significant digits: `0.01234`, `1.5e-07`, `nan`.
    public static func short(_ value: Double) -> String { format("%.4g", value) }

    /// Two significant digits in scientific form, for differences: `3.1e-07`; `0` for zero.
    public static func difference(_ value: Double) -> String { value == 0 ? "0" : format("%.1e", value) }

    /// `82.8 %`.
    public static func percent(_ share: Double) -> String { format("%.1f %%", 100 * share) }

    /// A number in one of C's formats.
    public static func format(_ format: String, _ value: Double) -> String {
        withVaList([value]) { arguments in
            var buffer = [CChar](repeating: 0, count: 400)
            let count = vsnprintf(&buffer, buffer.count, format, arguments)
            return String(decoding: buffer.prefix(max(0, Int(count))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }
}
