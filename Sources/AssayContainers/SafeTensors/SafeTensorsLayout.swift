// Where the tensors of a new safetensors file go, and the header that says so.

import AssayTensors
import OrderedCollections

/// The layout of a safetensors file that is being written.
struct SafeTensorsLayout {
    /// A tensor and its place in the buffer.
    struct Item {
        let name: String
        let type: ElementType
        let shape: Shape
        var offset = 0

        var byteCount: Int { shape.count * type.byteCount }
    }

    /// The tensors in the order of the buffer.
    let items: [Item]
    /// The bytes of all tensors.
    let bufferSize: Int
    private let metadata: OrderedDictionary<String, String>

    init(_ items: [Item], metadata: OrderedDictionary<String, String>) throws(AssayError) {
        // The official order: wide types first, so that every tensor is aligned, then by name.
        let sorted = items.sorted {
            let ranks = (SafeTensorsType.rank(of: $0.type), SafeTensorsType.rank(of: $1.type))
            return ranks.0 != ranks.1 ? ranks.0 > ranks.1 : $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
        }
        var end = 0
        self.items = sorted.map { item in
            var item = item
            item.offset = end
            end += item.byteCount
            return item
        }
        bufferSize = end
        self.metadata = metadata
        guard !items.contains(where: { $0.name == SafeTensorsHeader.metadataKey }) else {
            throw AssayError(
                .writeFailed, "safetensors cannot hold a tensor of this name",
                at: .init(object: SafeTensorsHeader.metadataKey))
        }
    }

    /// The length and the header's text, padded with spaces to a multiple of 8.
    var encodedHeader: [UInt8] {
        var members: OrderedDictionary<String, JSON> = [:]
        if !metadata.isEmpty {
            members[SafeTensorsHeader.metadataKey] = .object(metadata.mapValues { .string($0) })
        }
        for item in items {
            members[item.name] = [
                "dtype": .string(SafeTensorsType.name(of: item.type)), "shape": JSON(item.shape.extents),
                "data_offsets": JSON([item.offset, item.offset + item.byteCount]),
            ]
        }
        let text = Array(JSON.object(members).text().utf8)
        let padded = (text.count + 7) / 8 * 8
        var record = RecordBuilder()
        record.append(UInt64(padded))
        record.append(text)
        record.append(repeatElement(UInt8(ascii: " "), count: padded - text.count))
        return record.bytes
    }
}
