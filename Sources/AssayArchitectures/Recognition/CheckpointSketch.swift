// What recognition looks at in a checkpoint: where each tensor belongs by its name, and its shape.

import AssayTensors
import OrderedCollections

/// The tensors of a checkpoint by what their names mean.
public struct CheckpointSketch: Sendable {
    /// A stored tensor.
    public struct Entry: Sendable {
        /// The stored name.
        public var name: String
        /// Where it belongs.
        public var place: StoredName
        /// The stored shape.
        public var shape: Shape
    }

    /// The tensors, each place once.
    public private(set) var entries: [Entry] = []
    /// Tensors whose place another one has already, and that one.
    public private(set) var repeats: [(name: String, first: String)] = []
    /// How they are named.
    public let naming: CheckpointNaming
    private var indices: [StoredName: Int] = [:]
    private var numbers: [[String]: Set<Int>] = [:]
    private var prefix = Prefix.asExpected

    /// Whether names have the module that an architecture puts around the model without a head.
    private enum Prefix: Hashable {
        case asExpected
        case tooMuch(String)
        case leftOut(String)
    }

    /// The tensors of a checkpoint.
    public init(_ tensors: OrderedDictionary<String, Shape>, naming: CheckpointNaming) {
        self.naming = naming
        for (name, shape) in tensors {
            let place = naming.place(of: name)
            if let known = indices[place] {
                repeats.append((name, entries[known].name))
                continue
            }
            indices[place] = entries.count
            entries.append(Entry(name: name, place: place, shape: shape))
            for (depth, module) in place.modules.enumerated() {
                guard let number = Int(module) else { continue }
                numbers[Array(place.modules[..<depth]), default: []].insert(number)
            }
        }
    }

    /// The same tensors, with names that have or lack the module around the model without a head, as transformers loads
    /// them (`_load_pretrained_model` in modeling_utils.py): a model without a head out of one with a head, and the reverse.
    public func adapted(to blueprint: Blueprint, head: String) -> CheckpointSketch {
        var adapted = self
        adapted.prefix = .asExpected
        let expected = blueprint.base(under: head).names.first
        let module = expected ?? (blueprint.module.isEmpty ? commonModule(head) ?? "" : blueprint.module)
        guard !module.isEmpty, !entries.isEmpty else { return adapted }
        let has = entries.contains { $0.place.modules.first == module }
        let expects = expected != nil
        if has && !expects { adapted.prefix = .tooMuch(module) }
        if !has && expects { adapted.prefix = .leftOut(module) }
        return adapted
    }

    /// The module that all of a TensorFlow model without a head is in, also where PyTorch has none.
    private func commonModule(_ head: String) -> String? {
        guard naming.isTensorFlow, head.hasSuffix(Blueprint.baseHead), !head.hasSuffix("HeadModel"),
            let first = entries.first?.place.modules.first
        else { return nil }
        return entries.allSatisfy { $0.place.modules.first == first } ? first : nil
    }

    /// What differs in the names; nil where nothing does. TensorFlow's names always have the module.
    var prefixRemark: String? {
        switch prefix {
        case .tooMuch(let module) where !naming.isTensorFlow:
            "names have \(module) in front, as those of a model with a head"
        case .leftOut(let module): "names lack \(module) in front, as those of a model without a head"
        case .asExpected, .tooMuch: nil
        }
    }

    /// The path of a module as the file has it.
    private func located(_ modules: [String]) -> [String] {
        switch prefix {
        case .asExpected: modules
        case .tooMuch(let module): [module] + modules
        case .leftOut(let module): modules.first == module ? Array(modules.dropFirst()) : modules
        }
    }

    /// The tensor that an architecture asks for; nil where there is none.
    public func entry(for tensor: ExpectedTensor) -> Entry? { allEntries(for: tensor).first }

    /// The tensor that an architecture asks for under all names that it may have, the first choice first.
    func allEntries(for tensor: ExpectedTensor) -> [Entry] {
        let modules = located(tensor.module.names)
        return tensor.stored(isTensorFlow: naming.isTensorFlow).allNames.compactMap { name in
            indices[StoredName(modules: modules, dotted: name)].map { entries[$0] }
        }
    }

    /// The name that the tensor would have in this file.
    func name(of tensor: ExpectedTensor) -> String {
        let stored = tensor.stored(isTensorFlow: naming.isTensorFlow)
        let modules = located(tensor.module.names)
        return (modules + [stored.name]).joined(separator: naming.isTensorFlow ? "/" : ".")
    }

    /// The name of a module in this file.
    func name(ofModule modules: [String]) -> String {
        located(modules).joined(separator: naming.isTensorFlow ? "/" : ".")
    }

    /// The numbers of the modules directly inside a module.
    func numbers(in modules: [String]) -> Set<Int> { numbers[located(modules)] ?? [] }

    /// Whether a tensor is inside a module.
    func isInside(_ entry: Entry, _ modules: [String]) -> Bool { entry.place.modules.starts(with: located(modules)) }
}
