// The constants of ZTEN; the format itself is specified in `Schemas/zten.md`.

import AssayTensors

/// Names and limits of the ZTEN format.
public enum ZTENFormat {
    /// The metadata key of the format's version.
    public static let versionKey = "zten.version"
    /// The metadata key of the model's graph, in the JSON form of the IR.
    public static let graphKey = "zten.graph"
    /// The metadata key of all that is needed to write the source dialect back.
    public static let provenanceKey = "zten.provenance"
    /// The metadata key of the tensors that are stored as byte planes.
    public static let planesKey = "zten.planes"

    /// The version that this code writes and reads.
    static let version = "1"
    /// Decoded bytes of a frame, as the writer cuts them: a frame of each plane of F32 and what they are joined to stay in
    /// the processor's caches, and shorter ones compress less well.
    static let frameSize = 1 << 19
    /// Tensors smaller than this are not stored as byte planes.
    static let minimumPlanesSize = 4096

    /// The most decoded bytes of a tensor's frame that a reader accepts.
    static let maximumFrameSize = 1 << 24
    /// The most decoded bytes of the header's frame that a reader accepts.
    static let maximumHeaderSize = 1 << 25
    /// What one compressed byte can give at most: a block of 128 KiB takes four bytes.
    static let maximumRatio = 1 << 15
    /// The smallest frame: magic number, descriptor, content size, one block header, checksum.
    static let minimumFrameSize = 13

    /// Whether a tensor is stored as byte planes where that is allowed at all.
    static func usesPlanes(_ type: ElementType, byteCount: Int) -> Bool {
        type.byteCount > 1 && byteCount >= minimumPlanesSize
    }
}
