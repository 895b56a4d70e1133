// Hashes of texts as TensorFlow computes them: they say into which bin a value falls, so every bit counts.

/// Fingerprint64 of FarmHash for texts of at most 32 bytes.
enum Fingerprint {
    private static let primes: (UInt64, UInt64, UInt64) = (
        0xC3A5_C85C_97CB_3127, 0xB492_B66F_BE98_F273, 0x9AE1_6A3B_2F90_404F
    )

    static func of(_ text: [UInt8]) -> UInt64 {
        let count = UInt64(text.count)
        let factor = primes.2 &+ 2 &* count
        func word(_ offset: Int, _ bytes: Int = 8) -> UInt64 {
            (0..<bytes).reduce(0) { $0 | UInt64(text[offset + $1]) << UInt64(8 * $1) }
        }
        switch text.count {
        case 0: return primes.2
        case 1...3:
            let first = UInt64(text[0]) + UInt64(text[text.count / 2]) << 8
            let last = count + UInt64(text[text.count - 1]) << 2
            let mixed = first &* primes.2 ^ last &* primes.0
            return (mixed ^ mixed >> 47) &* primes.2
        case 4...7: return mixed(count &+ word(0, 4) << 3, word(text.count - 4, 4), factor)
        case 8...16:
            let (a, b) = (word(0) &+ primes.2, word(text.count - 8))
            return mixed(
                turned(b, 37) &* factor &+ a, (turned(a, 25) &+ b) &* factor, factor)
        default:
            let (a, b) = (word(0) &* primes.1, word(8))
            let (c, d) = (word(text.count - 8) &* factor, word(text.count - 16) &* primes.2)
            return mixed(
                turned(a &+ b, 43) &+ turned(c, 30) &+ d, a &+ turned(b &+ primes.2, 18) &+ c, factor)
        }
    }

    private static func mixed(_ first: UInt64, _ second: UInt64, _ factor: UInt64) -> UInt64 {
        var a = (first ^ second) &* factor
        a ^= a >> 47
        var b = (second ^ a) &* factor
        b ^= b >> 47
        return b &* factor
    }

    private static func turned(_ value: UInt64, _ bits: UInt64) -> UInt64 { value >> bits | value << (64 - bits) }
}

/// SipHash-2-4: two rounds a word, four at the end.
enum SipHash {
    static func of(_ text: [UInt8], key: (UInt64, UInt64)) -> UInt64 {
        // The words that the authors start from: "somepseudorandomlygeneratedbytes".
        var state = State(
            a: key.0 ^ 0x736F_6D65_7073_6575, b: key.1 ^ 0x646F_7261_6E64_6F6D,
            c: key.0 ^ 0x6C79_6765_6E65_7261, d: key.1 ^ 0x7465_6462_7974_6573)
        for start in stride(from: 0, through: text.count, by: 8) {
            let bytes = text[start..<min(start + 8, text.count)]
            var word = bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
            // The last word, which may hold no byte of the text, ends with its length.
            if bytes.count < 8 { word |= UInt64(text.count) << 56 }
            state.d ^= word
            for _ in 0..<2 { state.turn() }
            state.a ^= word
        }
        state.c ^= 0xFF
        for _ in 0..<4 { state.turn() }
        return state.a ^ state.b ^ state.c ^ state.d
    }

    private struct State {
        var a: UInt64
        var b: UInt64
        var c: UInt64
        var d: UInt64

        mutating func turn() {
            a &+= b
            b = turned(b, 13) ^ a
            a = turned(a, 32)
            c &+= d
            d = turned(d, 16) ^ c
            a &+= d
            d = turned(d, 21) ^ a
            c &+= b
            b = turned(b, 17) ^ c
            c = turned(c, 32)
        }

        private func turned(_ value: UInt64, _ bits: UInt64) -> UInt64 { value << bits | value >> (64 - bits) }
    }
}
