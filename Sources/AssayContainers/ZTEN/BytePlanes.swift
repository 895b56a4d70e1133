// Byte planes: the bytes of one significance of all elements stored together, which makes exponents compressible.

import AssayTensors
import CKernels

/// Taking elements apart into byte planes, and putting them together.
enum BytePlanes {
    /// Writes the bytes `range` of the planes form of `source`: plane 0 (the least significant bytes) first, each
    /// plane as long as there are elements.
    static func split(
        _ source: UnsafeRawBufferPointer, elementSize: Int, range: Range<Int>,
        into target: UnsafeMutableRawBufferPointer
    ) {
        let count = source.count / elementSize
        precondition(range.upperBound <= count * elementSize && target.count >= range.count)
        guard count > 0, let base = source.baseAddress, let output = target.baseAddress else { return }
        for plane in (range.lowerBound / count)...((range.upperBound - 1) / count) {
            let part = range.clamped(to: (plane * count)..<((plane + 1) * count))
            let first = part.lowerBound - plane * count
            let destination = output + (part.lowerBound - range.lowerBound)
            assay_extract_plane(
                base + first * elementSize, elementSize, plane,
                destination.assumingMemoryBound(to: UInt8.self), part.count)
        }
    }

    /// Puts elements together from planes that follow each other in `planes`, each `count` bytes.
    static func join(
        _ planes: UnsafeRawBufferPointer, elementSize: Int, count: Int, into target: UnsafeMutableRawBufferPointer
    ) {
        precondition(planes.count >= count * elementSize && target.count >= count * elementSize)
        guard let base = planes.baseAddress else { return }
        assay_join_planes(base.assumingMemoryBound(to: UInt8.self), elementSize, target.baseAddress, count)
    }
}
