// The datasets and attributes of a file to be written.

import AssayContainers
import AssayGraph
import AssayTensors
import OrderedCollections

/// A dataset of a new file, and what it is made of.
public struct KerasEntry: Sendable {
    /// The path in the HDF5 file, without the root's slash: the tensor's name when the file is read.
    public var name: String
    /// The source's stored tensors.
    public var sources: [String]
    /// How they make it.
    public var view: View
}

/// Where the weights of a model stand in a new file.
struct WeightLayout {
    /// The datasets, in order.
    private(set) var entries: [KerasEntry] = []
    /// Groups that stand there though nothing may be in them.
    private var groups: [String] = []
    /// Lists of names, by the path of their group and their own name.
    private(set) var nameLists: [(group: String, attribute: String, names: [String])] = []
    /// Texts, likewise.
    private(set) var texts: [(group: String, attribute: String, text: String)] = []
    /// Attributes of any kind, likewise.
    private var values: [(object: String, attribute: String, value: HDF5AttributeValue)] = []
    private var names: Set<String> = []
    private var sources: Set<String> = []

    /// A file with nothing in it.
    init() {}

    /// Whether a stored tensor has its place already.
    func holds(_ source: String) -> Bool { sources.contains(source) }

    /// Whether a dataset of this name is there.
    func hasDataset(_ name: String) -> Bool { names.contains(name) }

    /// Adds a dataset; a second of the same name gets a number behind it. Gives the name.
    mutating func add(_ name: String, _ sources: [String], _ view: View = .stored(0)) -> String {
        var unique = name
        var number = 1
        while !names.insert(unique).inserted {
            unique = "\(name)_\(number)"
            number += 1
        }
        self.sources.formUnion(sources)
        entries.append(KerasEntry(name: unique, sources: sources, view: view))
        return unique
    }

    /// Adds a group, which may stay empty.
    mutating func addGroup(_ path: String) { groups.append(path) }

    /// Adds a list of names.
    mutating func addNames(_ names: [String], _ attribute: String, of group: String) {
        nameLists.append((group, attribute, names))
    }

    /// Adds a text.
    mutating func addText(_ text: String, _ attribute: String, of group: String) {
        texts.append((group, attribute, text))
    }

    /// Adds an attribute of a group or dataset.
    mutating func addValue(_ value: HDF5AttributeValue, _ attribute: String, of object: String) {
        values.append((object, attribute, value))
    }

    /// The file, with the values that `model` has for the datasets.
    ///
    /// - Throws: `AssayError.unreadable` when a stored tensor is missing, `AssayError.writeFailed` for names that collide.
    func writer(for model: Model) throws(AssayError) -> HDF5Writer {
        var writer = HDF5Writer()
        for group in groups { try writer.addGroup(group) }
        for entry in entries {
            var stored: [Tensor] = []
            for name in entry.sources {
                guard let tensor = model.tensors[name] else {
                    throw .unreadable("a stored tensor is missing", file: model.provenance.path, object: name)
                }
                stored.append(tensor)
            }
            try writer.addDataset(entry.name, entry.view.apply(to: stored))
        }
        for (object, attribute, value) in values { try writer.setAttribute(attribute, of: object, to: value) }
        for (group, attribute, text) in texts { try writer.setAttribute(attribute, of: group, to: .string(text)) }
        for (group, attribute, names) in nameLists { try writer.setNames(names, attribute, of: group) }
        return writer
    }
}
