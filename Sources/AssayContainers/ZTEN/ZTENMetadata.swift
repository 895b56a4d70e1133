// What ZTEN adds to the metadata of safetensors: its version, and which tensors are stored as byte planes.

import AssayTensors
import OrderedCollections

/// The metadata of a ZTEN file.
struct ZTENMetadata {
    /// A tensor's true type and shape, where it is stored as byte planes.
    struct Planes: Hashable {
        let type: ElementType
        let shape: Shape
    }

    /// The tensors that are stored as byte planes.
    var planes: OrderedDictionary<String, Planes> = [:]
    /// All other entries: graph, provenance, and those of the source.
    var others: OrderedDictionary<String, String> = [:]

    init(planes: OrderedDictionary<String, Planes>, others: OrderedDictionary<String, String>) {
        self.planes = planes
        self.others = others
        self.others[ZTENFormat.versionKey] = nil
        self.others[ZTENFormat.planesKey] = nil
    }

    /// The entries of `__metadata__`.
    var encoded: OrderedDictionary<String, String> {
        var result: OrderedDictionary<String, String> = [ZTENFormat.versionKey: ZTENFormat.version]
        result.merge(others) { first, _ in first }
        if !planes.isEmpty {
            let members = planes.mapValues { entry -> JSON in
                ["dtype": .string(SafeTensorsType.name(of: entry.type)), "shape": JSON(entry.shape.extents)]
            }
            result[ZTENFormat.planesKey] = JSON.object(members).text()
        }
        return result
    }

    /// Reads the entries of `__metadata__`.
    init(_ entries: OrderedDictionary<String, String>) throws(AssayError) {
        guard let version = entries[ZTENFormat.versionKey] else {
            throw .unreadable("not a ZTEN file: no \(ZTENFormat.versionKey)")
        }
        guard version == ZTENFormat.version else {
            throw .unreadable("another version of ZTEN", expected: ZTENFormat.version, found: version)
        }
        if let text = entries[ZTENFormat.planesKey] {
            do throws(AssayError) {
                planes = try ZTENMetadata.planes(text)
            } catch {
                throw error.located(object: ZTENFormat.planesKey)
            }
        }
        others = entries
        others[ZTENFormat.versionKey] = nil
        others[ZTENFormat.planesKey] = nil
    }

    private static func planes(_ text: String) throws(AssayError) -> OrderedDictionary<String, Planes> {
        let json = try JSON(parsing: text, limits: .init(depth: 8, allowsNonFinite: false))
        guard let members = json.object else { throw .unreadable("must be a JSON object") }
        var result: OrderedDictionary<String, Planes> = [:]
        for (name, value) in members {
            guard let typeName = value["dtype"]?.string, let elements = value["shape"]?.array else {
                throw .unreadable("the entry of \"\(name)\" lacks its dtype or shape")
            }
            let extents = elements.compactMap { element -> Int? in
                if case .integer(let extent) = element { extent } else { nil }
            }
            guard extents.count == elements.count else {
                throw .unreadable("the shape of \"\(name)\" has extents that are no integers")
            }
            result[name] = Planes(
                type: try SafeTensorsType.type(named: typeName), shape: try Shape(checking: extents))
        }
        return result
    }
}
