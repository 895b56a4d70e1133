// Another activation function.

import AssayGraph
import AssayOperators

/// Two layers with different activation functions, or with one on one side alone.
enum OtherActivationKind: DifferenceKind {
    static let name = "activation"

    static func detail(_ suspect: Suspect) -> String? {
        let mine = functions(suspect.operationsOfA)
        let theirs = functions(suspect.operationsOfB)
        guard mine != theirs, !suspect.operationsOfB.isEmpty else { return nil }
        return "\(text(mine)) for \(text(theirs))"
    }

    private static func functions(_ operations: [any Operation]) -> [ActivationFunction] {
        operations.flatMap { operation -> [ActivationFunction] in
            switch operation {
            case let activation as Activation: activation.function == .linear ? [] : [activation.function]
            case let cell as LSTM: [cell.activation, cell.recurrentActivation]
            case let cell as GRU: [cell.activation, cell.recurrentActivation]
            case let cell as SimpleRNN: [cell.activation]
            default: []
            }
        }
    }

    private static func text(_ functions: [ActivationFunction]) -> String {
        functions.isEmpty ? "no activation" : functions.map { "\($0)" }.joined(separator: ", ")
    }
}
