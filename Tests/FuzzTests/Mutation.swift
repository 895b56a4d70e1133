// Damage to bytes, decided by a seed.

import AssayTestSupport

/// Damages copies of files.
struct Mutation {
    private var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    /// Numbers that sizes, counts and offsets go wrong at.
    private static let interesting: [UInt64] = [
        0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x7FFF_FFFF_FFFF_FFFF,
        0x8000_0000_0000_0000, 0xFFFF_FFFF_FFFF_FFFF,
    ]

    /// A copy with one to three wounds.
    mutating func damaged(_ bytes: [UInt8]) -> [UInt8] {
        var result = bytes
        for _ in 0..<Int.random(in: 1...3, using: &generator) { wound(&result) }
        return result
    }

    private mutating func wound(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<8, using: &generator) {
        case 0, 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 2: bytes[place] = UInt8.random(in: 0...255, using: &generator)
        case 3: bytes.removeLast(min(bytes.count, Int.random(in: 1...64, using: &generator)))
        case 4: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...16, using: &generator)))
        case 5:
            let end = min(bytes.count, place + Int.random(in: 1...32, using: &generator))
            bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: 0...bytes.count, using: &generator))
        case 6: overwrite(&bytes, at: place, with: Mutation.interesting[Int.random(in: 0..<13, using: &generator)])
        default: replaceDigit(&bytes, from: place)
        }
    }

    private mutating func overwrite(_ bytes: inout [UInt8], at place: Int, with value: UInt64) {
        let width = [1, 2, 4, 8][Int.random(in: 0..<4, using: &generator)]
        for index in 0..<min(width, bytes.count - place) { bytes[place + index] = UInt8(value >> (8 * index) & 0xFF) }
    }

    /// Changes the next digit, where numbers stand in text.
    private mutating func replaceDigit(_ bytes: inout [UInt8], from place: Int) {
        guard let digit = bytes[place...].firstIndex(where: { (0x30...0x39).contains($0) }) else { return }
        bytes[digit] = 0x30 + UInt8.random(in: 0...9, using: &generator)
        if Bool.random(using: &generator) { bytes.insert(0x39, at: digit) }
    }
}
