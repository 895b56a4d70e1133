// Where in a model a tensor belongs: the modules from the outside in, with the names that TensorFlow gives them.

import AssayTensors

/// A path of modules without counters: `encoder`, `layer`, `0`.
public struct ModulePath: Sendable, Hashable {
    /// The modules from the outside in.
    public var parts: [Part] = []
    /// What stands in TensorFlow's names of the module's variables instead of the model's instance and all modules; nil
    /// where these stand there.
    public var tensorFlowScope: String?

    /// One part of a path.
    public struct Part: Sendable, Hashable {
        /// The name, or the number as a text.
        public var name: String
        /// TensorFlow's name for it.
        public var tensorFlow: String
        /// Whether it is a number.
        public var isNumber: Bool
    }

    /// The names from the outside in: the path's identity in every dialect.
    public var names: [String] { parts.map(\.name) }

    /// `encoder/layer/0`.
    public var layer: String { names.joined(separator: "/") }

    /// `encoder.layer.0`.
    public var dotted: String { names.joined(separator: ".") }

    /// TensorFlow's sections: a number is joined to the name before it.
    public func tensorFlowSections(numbering: String) -> [String] {
        var sections: [String] = []
        for part in parts {
            if part.isNumber, let last = sections.popLast() {
                sections.append(last + numbering + part.tensorFlow)
            } else {
                sections.append(part.tensorFlow)
            }
        }
        return sections
    }

    /// The path of a module inside this one.
    ///
    /// - Throws: `AssayError.unreadable` when a number in it cannot be computed.
    func appending(_ template: ModuleTemplate, _ scope: Scope) throws(AssayError) -> ModulePath {
        var path = self
        path.tensorFlowScope = template.tensorFlowScope
        for part in template.parts {
            switch part {
            case .name(let name, let tensorFlow):
                path.parts.append(Part(name: name, tensorFlow: tensorFlow ?? name, isNumber: Int(name) != nil))
            case .number(let expression):
                let number = String(try scope.integer(expression))
                path.parts.append(Part(name: number, tensorFlow: number, isNumber: true))
            }
        }
        return path
    }

    /// The path of a module called `name` inside this one; this one where the name is empty.
    func appending(name: String) -> ModulePath {
        guard !name.isEmpty else { return self }
        return ModulePath(parts: parts + [Part(name: name, tensorFlow: name, isNumber: false)])
    }
}
