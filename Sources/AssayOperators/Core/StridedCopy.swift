// Copies between strided layouts: what transposing, slicing, reversing, tiling, broadcasting and joining have in common.

import AssayTensors

/// A copy of all elements of one shape from one strided layout to another. Strides count elements and may be zero or
/// negative in the source.
struct StridedCopy {
    private let axes: StridedAxes

    /// A copy of `shape` elements.
    init(shape: [Int], sourceStrides: [Int], targetStrides: [Int]) {
        axes = StridedAxes(shape: shape, strides: [sourceStrides, targetStrides])
    }

    /// A copy into a dense target.
    init(shape: [Int], sourceStrides: [Int]) {
        self.init(shape: shape, sourceStrides: sourceStrides, targetStrides: Shape(shape).strides)
    }

    /// Copies elements of one, four or eight bytes.
    func run(
        from source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, elementBytes: Int, threads: ThreadPool
    ) {
        switch elementBytes {
        case 1: copy(Pointers<UInt8>(source, target), threads)
        case 4: copy(Pointers<UInt32>(source, target), threads)
        default: copy(Pointers<UInt64>(source, target), threads)
        }
    }

    private struct Pointers<Element>: @unchecked Sendable {
        // Unchecked: threads write disjoint elements.
        let source: UnsafePointer<Element>
        let target: UnsafeMutablePointer<Element>

        init(_ source: UnsafeRawPointer, _ target: UnsafeMutableRawPointer) {
            self.source = source.assumingMemoryBound(to: Element.self)
            self.target = target.assumingMemoryBound(to: Element.self)
        }
    }

    private func copy<Element>(_ pointers: Pointers<Element>, _ threads: ThreadPool) {
        guard axes.count > 0 else { return }
        var outer = axes
        let columns = outer.popInner()
        // Where the source is contiguous along another axis, small squares keep both sides in the cache.
        if columns.stride[0] != 1, let axis = outer.strides.firstIndex(where: { $0[0] == 1 }) {
            let rows = (extent: outer.extents.remove(at: axis), stride: outer.strides.remove(at: axis))
            return transpose(pointers, outer, rows, columns, threads)
        }
        let fixed = outer
        threads.forEachPart(fixed.count, pieceCost: columns.extent) { range in
            var odometer = Odometer(fixed, at: range.lowerBound)
            for _ in range {
                let source = pointers.source + odometer.offsets[0]
                let target = pointers.target + odometer.offsets[1]
                if columns.stride[0] == 1, columns.stride[1] == 1 {
                    target.update(from: source, count: columns.extent)
                } else {
                    for index in 0..<columns.extent {
                        target[index &* columns.stride[1]] = source[index &* columns.stride[0]]
                    }
                }
                odometer.advance()
            }
        }
    }

    private func transpose<Element>(
        _ pointers: Pointers<Element>, _ outer: StridedAxes, _ rows: (extent: Int, stride: SIMD4<Int>),
        _ columns: (extent: Int, stride: SIMD4<Int>), _ threads: ThreadPool
    ) {
        let side = 16
        let bands = (rows.extent + side - 1) / side
        threads.forEachPart(outer.count * bands, pieceCost: side * columns.extent) { range in
            for piece in range {
                let offsets = Odometer(outer, at: piece / bands).offsets
                let firstRow = piece % bands * side
                for firstColumn in stride(from: 0, to: columns.extent, by: side) {
                    for row in firstRow..<min(firstRow + side, rows.extent) {
                        let source = pointers.source + (offsets[0] &+ row &* rows.stride[0])
                        let target = pointers.target + (offsets[1] &+ row &* rows.stride[1])
                        for column in firstColumn..<min(firstColumn + side, columns.extent) {
                            target[column &* columns.stride[1]] = source[column &* columns.stride[0]]
                        }
                    }
                }
            }
        }
    }
}
