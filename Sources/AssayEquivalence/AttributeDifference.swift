// In which attributes two operators of one kind differ, in words.

import AssayGraph
import AssayTensors

/// Compares the attributes of operators.
enum AttributeDifference {
    /// `LayerNormalization: epsilon 0.001 for 1e-06`; nil where nothing differs.
    static func text(_ a: any Operation, _ b: any Operation) -> String? {
        guard AnyHashable(a) != AnyHashable(b) else { return nil }
        guard let mine = try? JSON(encoding: a), let theirs = try? JSON(encoding: b) else { return a.name }
        var differences: [String] = []
        for (key, value) in mine.object ?? [:] where theirs[key] != value {
            differences.append(
                "\(key) \(value.text(separator: " ")) for \((theirs[key] ?? .null).text(separator: " "))")
        }
        return "\(a.name): \(differences.joined(separator: ", "))"
    }
}
