// A group of weights by object, in one HDF5 file or spread over shards.

import AssayContainers
import AssayTensors
import OrderedCollections

/// A group at one path: of one file, or of several shards that hold some of its members each.
struct ObjectGroup {
    private let first: HDF5Group
    private let others: [HDF5Group]

    /// The group as the first file has it, together with those at the same path in the others.
    init(_ first: HDF5Group, shards others: [HDF5Group] = []) {
        self.first = first
        self.others = others
    }

    private var parts: [HDF5Group] { [first] + others }

    /// The path in the files.
    var path: String { first.path }

    /// The names of the members, each once.
    var memberNames: [String] {
        var seen: Set<String> = []
        return parts.flatMap(\.memberNames).filter { seen.insert($0).inserted }
    }

    /// Whether there is an object at a path relative to this group.
    func contains(_ path: String) -> Bool { parts.contains { $0[path] != nil } }

    /// Whether there is a group at a path relative to this one.
    func containsGroup(_ path: String) -> Bool {
        parts.contains { part in if case .group? = part[path] { true } else { false } }
    }

    /// The group at a path relative to this one.
    ///
    /// - Throws: `AssayError.unreadable` when there is none.
    func group(_ path: String) throws(AssayError) -> ObjectGroup {
        let groups = parts.compactMap { part -> HDF5Group? in
            if case .group(let group)? = part[path] { group } else { nil }
        }
        guard let found = groups.first else { return ObjectGroup(try first.group(path)) }
        return ObjectGroup(found, shards: Array(groups.dropFirst()))
    }

    /// The dataset at a path relative to this group.
    ///
    /// - Throws: `AssayError.unreadable` when there is none.
    func dataset(_ path: String) throws(AssayError) -> HDF5Dataset {
        try (parts.first { $0[path] != nil } ?? first).dataset(path)
    }

    /// Calls `body` with every dataset below this group, file by file.
    ///
    /// - Throws: what `body` throws, and `AssayError.unreadable` when groups nest too deep.
    func forEachDataset(_ body: (HDF5Dataset) throws(AssayError) -> Void) throws(AssayError) {
        for part in parts { try part.forEachDataset(body) }
    }

    /// Every dataset of numbers as a tensor, by its path; text and the like is left out.
    ///
    /// - Throws: `AssayError.unreadable` when two shards have a dataset at the same path, or one cannot be read.
    func allTensors() throws(AssayError) -> OrderedDictionary<String, Tensor> {
        var tensors = try first.allTensors()
        for part in others {
            for (name, tensor) in try part.allTensors() {
                guard tensors.updateValue(tensor, forKey: name) == nil else {
                    throw .unreadable("stands in two shards", object: name)
                }
            }
        }
        return tensors
    }
}
