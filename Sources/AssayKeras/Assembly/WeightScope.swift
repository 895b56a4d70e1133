// The weights of a model as a tree of objects, which every dialect lays out in its own way: by order, by name, or by path.

import AssayGraph
import AssayTensors

/// One object that owns weights: a layer, or a part of one (a cell, a projection).
///
/// A reference type, since a layer's calls share it and declare its weights as they are first asked for.
final class WeightScope {
    /// One weight.
    struct Variable {
        /// The role in its scope: `kernel`, `bias`, …
        var role: String
        /// The extents that the configuration and the inputs imply; a symbol where they do not say.
        var shape: [Dimension]
        /// Whether training moves it, unless its layer is frozen.
        var isTrainable: Bool
        /// The parameter of the graph.
        var parameter: ParameterID
        /// Whether it is a weight of an object inside as well, which `.weights.h5` then has twice.
        var isAlias = false
    }

    /// Where an object stands in the one that holds it.
    enum Place: Hashable {
        /// Among the layers of a model.
        case layer(name: String, className: String)
        /// Under an attribute, as `.weights.h5` names it (`cell`, `query_dense`).
        case part(String)
    }

    /// Where it stands in the object that holds it.
    let place: Place
    /// Its name: the layer's, or the part's as legacy HDF5 has it (`lstm_cell`, `query`).
    let name: String
    /// What its variables' roles begin with in the region that owns them; empty for a region itself.
    let role: String
    /// The region that owns its variables.
    let layer: LayerID
    /// Whether training moves its variables.
    let isTrainable: Bool
    /// Its own weights, in the order in which Keras makes them.
    var variables: [Variable] = []
    /// The objects inside, in Keras's order.
    private(set) var children: [WeightScope] = []
    private var placed: [Place: WeightScope] = [:]
    /// Whether it takes whatever the file has for it: nothing is known of a custom layer's weights.
    var isOpen = false
    init(_ place: Place, name: String, role: String, layer: LayerID, isTrainable: Bool) {
        self.place = place
        self.name = name
        self.role = role
        self.layer = layer
        self.isTrainable = isTrainable
    }

    /// The object at `place`, made when it is first asked for.
    func child(
        _ place: Place, name: String, role: String, layer: LayerID, isTrainable: Bool
    ) -> WeightScope {
        if let existing = placed[place] { return existing }
        let child = WeightScope(
            place, name: name, role: role, layer: layer, isTrainable: isTrainable && self.isTrainable)
        children.append(child)
        placed[place] = child
        return child
    }

    /// Forgets what was declared.
    func reset() {
        variables = []
        children = []
        placed = [:]
    }

    /// Own variables, then those of the objects inside: the order of `Layer.weights`.
    var allVariables: [(variable: Variable, isTrainable: Bool)] {
        variables.filter { !$0.isAlias }.map { ($0, $0.isTrainable && isTrainable) } + children.flatMap(\.allVariables)
    }

    /// Whether it or an object inside takes whatever the file has.
    var hasOpenPart: Bool { isOpen || children.contains(where: \.hasOpenPart) }

    /// `MultiHeadAttention` → `multi_head_attention`, by Keras's rule: two passes of a regular expression.
    static func snakeCase(_ name: String) -> String {
        let letters = Array(name.filter { $0.isLetter || $0.isNumber || $0 == "_" })
        var result = ""
        for (index, letter) in letters.enumerated() {
            if index > 0, letter.isUppercase {
                let previous = letters[index - 1]
                let startsWord = index + 1 < letters.count && letters[index + 1].isLowercase && previous != "_"
                if startsWord || previous.isLowercase { result += "_" }
            }
            result += letter.lowercased()
        }
        return result
    }
}
