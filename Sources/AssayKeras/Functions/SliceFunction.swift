// Indexing and slicing: `x[:, 1:4, None, ..., -1]`.

import AssayGraph
import AssayOperators
import AssayTensors

/// A part of a tensor by Python's notation.
struct SliceFunction: KerasFunction {
    static let names = ["GetItem", "tf.__operators__.getitem"]

    /// One part of an index.
    private enum Part {
        case index(Int)
        case range(start: Int?, stop: Int?, step: Int)
        case newAxis
        case ellipsis
    }

    init(name: String) {}

    func call(_ call: FunctionCall) throws(AssayError) -> [ValueID] {
        let x = try call.operand("x", "tensor", at: 0)
        let arguments = call.call.arguments
        guard let argument = arguments.keyword["slice_spec"] ?? arguments.argument("key", at: 1),
            let key = known(argument, call.call)
        else { throw call.call.configuration.notRunnable("indexes by a tensor") }
        var parts: [Part] = []
        for element in key.array ?? [key] { parts.append(try part(element, call)) }
        return [try apply(expanded(parts, rank: call.call.shape(of: x).count, call), to: x, call.call)]
    }

    /// The index with its tensors replaced by their values, where these are known before running; nil where they are not.
    private func known(_ argument: CallArgument<ValueID>, _ call: KerasCall) -> JSON? {
        switch argument {
        case .constant(let value): return value
        case .tensor(let tensor):
            let integers = call.fact(of: tensor).integers
            return integers?.count == 1 ? integers?.first?.value.map { .integer($0) } : nil
        case .list(let elements):
            let values = elements.compactMap { known($0, call) }
            return values.count == elements.count ? .array(values) : nil
        case .dictionary(let members):
            let values = members.compactMapValues { known($0, call) }
            return values.count == members.count ? .object(values) : nil
        }
    }

    /// The parts with the ellipsis written out.
    private func expanded(_ parts: [Part], rank: Int, _ call: FunctionCall) throws(AssayError) -> [Part] {
        let taking = parts.filter { if case .index = $0 { true } else if case .range = $0 { true } else { false } }
            .count
        guard taking <= rank else { throw call.call.configuration.unsupported("takes \(taking) of \(rank) axes") }
        let rest = Array(repeating: Part.range(start: nil, stop: nil, step: 1), count: rank - taking)
        guard let place = parts.firstIndex(where: { if case .ellipsis = $0 { true } else { false } }) else {
            return parts + rest
        }
        return parts[..<place] + rest + parts[(place + 1)...]
    }

    private func part(_ json: JSON, _ call: FunctionCall) throws(AssayError) -> Part {
        let plain = FunctionCall.plain(json)
        if let index = plain.integer { return .index(index) }
        if plain.isNull { return .newAxis }
        if json["class_name"]?.string == "__ellipsis__" || json.string == "..." { return .ellipsis }
        let bounds = json["class_name"]?.string == "__slice__" ? json["config"] : json
        guard let members = bounds?.object, members.keys.contains("start") else {
            throw call.call.configuration.unsupported("has an index that is not known: \(json.text().prefix(60))")
        }
        let step = members["step"]?.integer ?? 1
        guard step != 0 else { throw call.call.configuration.unsupported("has a slice of step 0") }
        return .range(start: members["start"]?.integer, stop: members["stop"]?.integer, step: step)
    }

    private func apply(_ parts: [Part], to x: ValueID, _ call: KerasCall) throws(AssayError) -> ValueID {
        var slice = Slice(axes: [], starts: [], stops: [], steps: [])
        var dropped: [Int] = []
        var inserted: [Int] = []
        var axis = 0
        var place = 0
        for part in parts {
            switch part {
            case .index(let index):
                slice.append(axis, index, index == -1 ? nil : index + 1, 1)
                dropped.append(axis)
                axis += 1
            case .range(let start, let stop, let step):
                if start != nil || stop != nil || step != 1 {
                    slice.append(axis, start ?? (step > 0 ? 0 : -1), stop, step)
                }
                axis += 1
                place += 1
            case .newAxis:
                inserted.append(place)
                place += 1
            case .ellipsis: break
            }
        }
        var y = slice.axes.isEmpty ? x : try call.add(slice, x)
        if !dropped.isEmpty { y = try call.add(Squeeze(axes: dropped), y) }
        if !inserted.isEmpty { y = try call.add(ExpandDims(axes: inserted), y) }
        return y == x ? try call.add(Identity(), x) : y
    }
}

extension Slice {
    fileprivate mutating func append(_ axis: Int, _ start: Int, _ stop: Int?, _ step: Int) {
        axes.append(axis)
        starts.append(start)
        stops.append(stop)
        steps.append(step)
    }
}
