// Weights that went through a smaller type.

import AssayTensors

/// Weights of one side that are those of the other, rounded to float16 or bfloat16.
enum RoundedWeightsKind: DifferenceKind {
    static let name = "rounded-weights"

    static func detail(_ suspect: Suspect) -> String? {
        guard !suspect.weights.isEmpty else { return nil }
        for type in [ElementType.f16, .bf16] {
            if suspect.weights.allSatisfy({ isRounded($0.a, $0.b, type) }) {
                return "B's weights are A's through \(type.displayName)"
            }
            if suspect.weights.allSatisfy({ isRounded($0.b, $0.a, type) }) {
                return "A's weights are B's through \(type.displayName)"
            }
        }
        return nil
    }

    private static func isRounded(_ exact: [Double], _ rounded: [Double], _ type: ElementType) -> Bool {
        let floats = Tensor(exact.map { Float($0) }, shape: Shape([exact.count]))
        guard let expected = try? floats.converted(to: type).doubles() else { return false }
        return expected == rounded
    }
}
