// Tensors of a ZTEN file, decoded on demand.

import AssayTensors

/// A tensor whose bytes stand in the decoded stream as they are.
struct PlainZTENTensor: TensorDecoder {
    let stream: SeekableStream
    /// The tensor's bytes in the decoded stream.
    let range: Range<Int>
    let pool: ThreadPool

    var byteCount: Int { range.count }
    var preferredPartSize: Int { min(stream.partSize(of: range), max(byteCount, 1)) }

    func decode(_ part: Range<Int>, into destination: UnsafeMutableRawBufferPointer) throws(AssayError) {
        let step = preferredPartSize
        let target = DecodingTarget(destination)
        let cuts = ZTENParts(range: part, step: step)
        try pool.forEachThrowing(cuts.count) { (index) throws(AssayError) in
            let piece = cuts[index]
            var cache = SeekableStream.FrameCache()
            try stream.read(
                (range.lowerBound + piece.lowerBound)..<(range.lowerBound + piece.upperBound),
                into: target.slice(piece, of: part), cache: &cache)
        }
    }
}

/// A tensor whose bytes stand in the decoded stream as byte planes.
struct PlanesZTENTensor: TensorDecoder {
    let stream: SeekableStream
    /// The planes' bytes in the decoded stream.
    let range: Range<Int>
    let elementSize: Int
    let pool: ThreadPool

    var byteCount: Int { range.count }
    private var elementCount: Int { range.count / elementSize }

    /// As many elements as the first frame has bytes: where a plane begins a frame, that needs one frame of each plane.
    var preferredPartSize: Int { min(stream.partSize(of: range), elementCount) * elementSize }

    func decode(_ part: Range<Int>, into destination: UnsafeMutableRawBufferPointer) throws(AssayError) {
        let target = DecodingTarget(destination)
        let cuts = ZTENParts(range: part, step: preferredPartSize)
        try pool.forEachThrowing(cuts.count) { (index) throws(AssayError) in
            try decodePiece(cuts[index], into: target.slice(cuts[index], of: part))
        }
    }

    private func decodePiece(
        _ piece: Range<Int>, into destination: UnsafeMutableRawBufferPointer
    ) throws(AssayError) {
        let first = piece.lowerBound / elementSize
        let elements = first..<((piece.upperBound + elementSize - 1) / elementSize)
        try stream.scratch.withWorkspace(orMake: ScratchMemory.init) { (scratch) throws(AssayError) in
            let planes = scratch.buffer(elements.count * elementSize)
            try readPlanes(of: elements, into: planes)
            join(UnsafeRawBufferPointer(planes), of: elements, piece: piece, into: destination)
        }
    }

    private func join(
        _ planes: UnsafeRawBufferPointer, of elements: Range<Int>, piece: Range<Int>,
        into destination: UnsafeMutableRawBufferPointer
    ) {
        guard piece.count == planes.count else {
            // The piece begins or ends within an element.
            let whole = UnsafeMutableRawBufferPointer.allocate(byteCount: planes.count, alignment: 16)
            defer { whole.deallocate() }
            BytePlanes.join(planes, elementSize: elementSize, count: elements.count, into: whole)
            let start = piece.lowerBound - elements.lowerBound * elementSize
            destination.copyMemory(from: UnsafeRawBufferPointer(rebasing: whole[start..<(start + piece.count)]))
            return
        }
        BytePlanes.join(planes, elementSize: elementSize, count: elements.count, into: destination)
    }

    /// Reads the planes of some elements, one after the other.
    private func readPlanes(
        of elements: Range<Int>, into buffer: UnsafeMutableRawBufferPointer
    ) throws(AssayError) {
        var cache = SeekableStream.FrameCache()
        if elements.count == elementCount {
            try stream.read(range, into: buffer, cache: &cache)
            return
        }
        for plane in 0..<elementSize {
            let start = range.lowerBound + plane * elementCount
            let row = buffer[(plane * elements.count)..<((plane + 1) * elements.count)]
            try stream.read(
                (start + elements.lowerBound)..<(start + elements.upperBound),
                into: UnsafeMutableRawBufferPointer(rebasing: row), cache: &cache)
        }
    }
}

extension SeekableStream {
    /// The decoded size of the frame in which `range` begins, but not less than writers make it: small parts of a file
    /// with few large frames would decode the same frame again and again.
    fileprivate func partSize(of range: Range<Int>) -> Int {
        guard !range.isEmpty else { return ZTENFormat.frameSize }
        return max(Int(table.frames[table.frameIndex(at: range.lowerBound)].decodedSize), ZTENFormat.frameSize)
    }
}

/// A range cut at the multiples of `step`.
private struct ZTENParts: Sendable {
    let range: Range<Int>
    let step: Int

    var count: Int { range.isEmpty ? 0 : (range.upperBound - 1) / step - range.lowerBound / step + 1 }

    subscript(index: Int) -> Range<Int> {
        let start = (range.lowerBound / step + index) * step
        return (start..<(start + step)).clamped(to: range)
    }
}

/// A buffer whose distinct parts several threads fill.
private struct DecodingTarget: @unchecked Sendable {
    // Unchecked: each thread writes its own part.
    private let buffer: UnsafeMutableRawBufferPointer

    init(_ buffer: UnsafeMutableRawBufferPointer) { self.buffer = buffer }

    /// The place of `piece` in a buffer that holds `whole`.
    func slice(_ piece: Range<Int>, of whole: Range<Int>) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(
            rebasing: buffer[(piece.lowerBound - whole.lowerBound)..<(piece.upperBound - whole.lowerBound)])
    }
}
