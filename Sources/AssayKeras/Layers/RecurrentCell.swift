// The seam of recurrent cells: one class of cells is one file, and one line in the list below.

import AssayGraph
import AssayOperators
import AssayTensors

/// A cell that a recurrent layer carries over the steps of a sequence.
protocol RecurrentCell: Sendable {
    /// The name of its class.
    static var className: String { get }

    /// The cell that a configuration describes: its own, or the layer's that has such a cell. Nil when it applies a function
    /// that is not one of each element.
    ///
    /// - Throws: `AssayError.unreadable` for a wrong argument.
    init?(_ configuration: KerasConfiguration) throws(AssayError)

    /// How many states it carries; the first is its output.
    var stateCount: Int { get }

    /// Reads a sequence. The call is one for the part of the layer that owns the cell's weights.
    func read(_ input: RecurrentInput, _ call: KerasCall) throws(AssayError) -> RecurrentOutput
}

/// What a cell reads.
struct RecurrentInput {
    /// `[batch, time, features]`.
    var sequence: ValueID
    /// `[batch, time]`, true where a step counts.
    var mask: ValueID?
    /// `[batch, units]` each; none for zeros.
    var states: [ValueID]
    /// Whether time is read from the end.
    var goesBackwards: Bool
    /// Whether a masked step gives zeros, and not the output before it.
    var zeroesMasked: Bool
}

/// What a cell gives.
struct RecurrentOutput {
    /// `[batch, time, units]`, in the order of reading.
    var sequence: ValueID
    /// The states after the last step.
    var states: [ValueID]
}

/// The classes of cells, one line each, sorted.
enum RecurrentCells {
    static let all: [any RecurrentCell.Type] = [
        CuDNNGRUCellPart.self,
        CuDNNLSTMCellPart.self,
        GRUCellPart.self,
        LSTMCellPart.self,
        SimpleRNNCellPart.self,
    ]

    /// The cell of class `name`; nil when it is not known.
    ///
    /// - Throws: `AssayError.unreadable` for a wrong argument.
    static func cell(_ name: String, _ configuration: KerasConfiguration) throws(AssayError) -> (any RecurrentCell)? {
        guard let type = all.first(where: { $0.className == name }) else { return nil }
        return try type.init(configuration)
    }
}

extension KerasActivation {
    /// The function, where it is one of each element.
    var elementFunction: ActivationFunction? {
        if case .function(let function) = self { function } else { nil }
    }
}
