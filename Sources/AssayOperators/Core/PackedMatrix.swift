// Weights in the order in which products read them: packed once, where OpenBLAS would pack them at each product.

import AssayTensors
import CKernels

/// The kernels of products with packed matrices, in one precision.
public struct PackedKernels<Scalar: FastScalar>: Sendable {
    /// The columns of a panel; a part of a product begins at a multiple of them.
    let panelWidth: Int
    /// Packs some panels of a matrix `depth × columns`, or of its transpose; rows may lie at any address.
    let pack:
        @Sendable (
            _ transposed: Bool, _ columns: Int, _ depth: Int, UnsafeRawPointer, _ panels: Range<Int>,
            UnsafeMutablePointer<Scalar>
        ) -> Void
    /// C = A · B + bias for some columns of C.
    let multiply:
        @Sendable (
            _ rows: Int, _ depth: Int, _ a: UnsafePointer<Scalar>, _ lda: Int, _ packed: UnsafePointer<Scalar>,
            _ bias: UnsafePointer<Scalar>?, _ columns: Range<Int>, _ c: UnsafeMutablePointer<Scalar>, _ ldc: Int
        ) -> Void
}

extension PackedKernels<Float> {
    /// Those of binary32; nil where the processor has not the instructions that they are written for.
    static let float: PackedKernels? = {
        guard assay_has_packed_products() else { return nil }
        return PackedKernels(
            panelWidth: assay_packed_panel_width(),
            pack: { transposed, columns, depth, matrix, panels, target in
                assay_pack(
                    transposed, columns, depth, matrix, transposed ? depth : columns, panels.lowerBound,
                    panels.upperBound, target)
            },
            multiply: { rows, depth, a, lda, packed, bias, columns, c, ldc in
                assay_packed_product(
                    rows, depth, a, lda, packed, bias, columns.lowerBound, columns.upperBound, c, ldc)
            })
    }()
}

/// The kernel of a product, packed.
public struct PackedMatrix<Scalar: FastScalar>: Sendable {
    /// The rows: what the product sums over.
    let depth: Int
    /// The columns of the product's result.
    let columns: Int
    private let kernels: PackedKernels<Scalar>
    private let region: ByteRegion

    /// The matrix whose dense elements `bytes` holds, row-major, at any address; nil where there are no kernels for packed
    /// matrices of this precision, or the matrix is so small that its products are summed in another way.
    ///
    /// - Parameter isTransposed: whether `bytes` holds `columns × depth` elements.
    public init?(_ bytes: ByteRegion, depth: Int, columns: Int, isTransposed: Bool, threads: ThreadPool) {
        guard let kernels = Scalar.packedKernels, depth > 0, columns > 0,
            !assay_is_small_product(1, columns, depth)
        else { return nil }
        precondition(bytes.count == depth * columns * MemoryLayout<Scalar>.stride, "all elements")
        self.depth = depth
        self.columns = columns
        self.kernels = kernels
        let panels = (columns + kernels.panelWidth - 1) / kernels.panelWidth
        let panelSize = kernels.panelWidth * depth
        region = ByteRegion(count: panels * panelSize * MemoryLayout<Scalar>.stride) { target in
            bytes.withUnsafeBytes { source in
                guard let start = source.baseAddress, let packed = target.baseAddress else { return }
                let work = Packing<Scalar>(source: start, target: packed.assumingMemoryBound(to: Scalar.self))
                threads.forEachPart((panels + 7) / 8, pieceCost: 8 * panelSize) { part in
                    let some = 8 * part.lowerBound..<min(8 * part.upperBound, panels)
                    kernels.pack(isTransposed, columns, depth, work.source, some, work.target)
                }
            }
        }
    }

    /// The bytes that it takes.
    public var byteCount: Int { region.count }

    /// Some columns of C = A · B + bias, `rows` rows of them.
    func multiply(
        rows: Int, _ a: UnsafePointer<Scalar>, lda: Int, bias: UnsafePointer<Scalar>?, columns: Range<Int>,
        _ c: UnsafeMutablePointer<Scalar>, ldc: Int
    ) {
        region.withUnsafeBytes { bytes in
            guard let packed = bytes.baseAddress?.assumingMemoryBound(to: Scalar.self) else { return }
            kernels.multiply(rows, depth, a, lda, packed, bias, columns, c, ldc)
        }
    }
}

/// The pointers of one packing, for threads that write disjoint panels.
private struct Packing<Scalar>: @unchecked Sendable {
    let source: UnsafeRawPointer
    let target: UnsafeMutablePointer<Scalar>
}
