// Groups: named members and attributes.

import AssayTensors
import OrderedCollections

/// A group of an HDF5 file. The same group may be reached by several paths, even from below itself.
public struct HDF5Group: Sendable {
    let index: HDF5Index
    private let number: Int
    /// The path by which it was reached: `/`, `/model_weights/dense`.
    public let path: String

    /// The most levels of groups that are walked through. Paths of a hostile file would fill the memory.
    public static let maximumDepth = 256

    init(index: HDF5Index, number: Int, path: String) {
        self.index = index
        self.number = number
        self.path = path
    }

    /// The last part of the path, empty for the root.
    public var name: String { path.split(separator: "/").last.map(String.init) ?? "" }

    /// The attributes, in the order in which h5py lists them.
    public var attributes: OrderedDictionary<String, HDF5Attribute> {
        guard case .group(let attributes, _) = index.objects[number] else { return [:] }
        return attributes
    }

    /// The members, in the order in which h5py lists them: that of creation where it is tracked, else by name.
    public var members: OrderedDictionary<String, HDF5Object> {
        var members: OrderedDictionary<String, HDF5Object> = [:]
        for (name, link) in links { members[name] = resolve(link, name: name) }
        return members
    }

    /// The names of the members, in order.
    public var memberNames: [String] { Array(links.keys) }

    /// The object at a path relative to this group (`a/b`), nil where there is none.
    public subscript(path: String) -> HDF5Object? {
        var object = HDF5Object.group(self)
        for name in path.split(separator: "/").map(String.init) where name != "." {
            guard case .group(let group) = object, let link = group.links[name] else { return nil }
            object = group.resolve(link, name: name)
        }
        return object
    }

    /// The group at a path relative to this one.
    ///
    /// - Throws: `AssayError.unreadable` when there is none.
    public func group(_ path: String) throws(AssayError) -> HDF5Group {
        switch self[path] {
        case .group(let group): return group
        case let other: throw missing(path, expected: "a group", found: other)
        }
    }

    /// The dataset at a path relative to this group.
    ///
    /// - Throws: `AssayError.unreadable` when there is none.
    public func dataset(_ path: String) throws(AssayError) -> HDF5Dataset {
        switch self[path] {
        case .dataset(let dataset): return dataset
        case let other: throw missing(path, expected: "a dataset", found: other)
        }
    }

    /// Calls `body` with every dataset below this group, in order. One that several links reach is visited once, by the
    /// first of its paths.
    ///
    /// - Throws: what `body` throws, and `AssayError.unreadable` when groups nest deeper than `maximumDepth`.
    public func forEachDataset(_ body: (HDF5Dataset) throws(AssayError) -> Void) throws(AssayError) {
        var visited: Set<Int> = [number]
        // Groups under way with the members that are left.
        var stack: [(group: HDF5Group, left: ArraySlice<String>)] = [(self, memberNames[...])]
        while let (group, left) = stack.popLast() {
            guard let name = left.first else { continue }
            stack.append((group, left.dropFirst()))
            guard let link = group.links[name], case .object(let number) = link, visited.insert(number).inserted else {
                continue
            }
            switch group.resolve(link, name: name) {
            case .dataset(let dataset): try body(dataset)
            case .group(let member):
                guard stack.count < HDF5Group.maximumDepth else {
                    throw .unreadable(
                        "groups nest too deep", expected: "at most \(HDF5Group.maximumDepth) levels", file: index.path)
                }
                stack.append((member, member.memberNames[...]))
            case .other: continue
            }
        }
    }

    private var links: OrderedDictionary<String, HDF5Link> {
        guard case .group(_, let members) = index.objects[number] else { return [:] }
        return members
    }

    private func resolve(_ link: HDF5Link, name: String) -> HDF5Object {
        let path = path == "/" ? "/\(name)" : "\(path)/\(name)"
        switch link {
        case .refused(let reason): return .other(reason)
        case .object(let number):
            switch index.objects[number] {
            case .group: return .group(HDF5Group(index: index, number: number, path: path))
            case .dataset(let node): return .dataset(HDF5Dataset(index: index, node: node, path: path))
            case .datatype: return .other("a datatype")
            }
        }
    }

    private func missing(_ path: String, expected: String, found object: HDF5Object?) -> AssayError {
        let found =
            switch object {
            case nil: "nothing"
            case .group: "a group"
            case .dataset: "a dataset"
            case .other(let what): what
            }
        let whole = self.path == "/" ? "/\(path)" : "\(self.path)/\(path)"
        return .unreadable(
            "wrong object in the file", expected: expected, found: found, file: index.path, object: whole)
    }
}
