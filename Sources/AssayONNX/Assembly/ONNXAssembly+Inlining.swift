// Functions of the file, and bodies of nodes: their nodes are built where they are used.

import AssayGraph
import AssayTensors

extension ONNXAssembly {
    /// Builds the nodes of a function in place of its call.
    ///
    /// - Throws: `AssayError.unreadable` when the call does not fit the function, or functions call each other too deep.
    func inline(_ function: ONNXFunctionProto, _ call: ONNXCall) throws(AssayError) -> [ValueID] {
        guard call.place.depth < ONNXAssembly.maximumDepth else {
            throw .unreadable("functions call each other too deep", object: call.origin.name)
        }
        guard call.operands.count <= function.input.count else {
            throw .unreadable(
                "\(function.name) takes fewer inputs", expected: "at most \(function.input.count)",
                found: "\(call.operands.count)", object: call.origin.name)
        }
        var place = call.place.inner(scope: NodeScope(), base: call.chain)
        place.scopes = call.scopeNames + [call.origin.name.split(separator: "/").last.map(String.init) ?? ""]
        if !function.opsetImport.isEmpty { place.opsets = ONNXAssembly.opsets(function.opsetImport) }
        place.attributes = call.attributes.withDefaults(function.attributeProto)
        for (name, operand) in zip(function.input, call.operands) {
            if let operand { try place.scope.define(name, as: operand) } else { place.omitted.insert(name) }
        }
        for name in function.input.dropFirst(call.operands.count) { place.omitted.insert(name) }
        try build(function.node, place)
        var results: [ValueID] = []
        for name in function.output {
            guard let value = try value(name, place) else {
                throw .unreadable("the function \(function.name) does not compute '\(name)'", object: call.origin.name)
            }
            results.append(value)
        }
        return results
    }

    /// Builds the nodes of a node's body, which see the names around it. Gives what the body's outputs are.
    ///
    /// - Parameters:
    ///   - inputs: the values of the body's inputs, in order.
    ///   - number: which call of the layers inside it is.
    /// - Throws: `AssayError.unreadable` when the inputs do not fit, or bodies lie too deep in each other.
    func inline(
        _ body: ONNXGraphProto, _ call: ONNXCall, inputs: [ValueID], number: Int
    ) throws(AssayError) -> [ValueID] {
        guard call.place.depth < ONNXAssembly.maximumDepth else {
            throw .unreadable("bodies lie too deep in each other", object: call.origin.name)
        }
        guard inputs.count == body.input.count else {
            throw .unreadable(
                "the body takes another number of inputs", expected: "\(inputs.count)", found: "\(body.input.count)",
                object: call.origin.name)
        }
        var place = call.place.inner(scope: NodeScope(parent: call.place.scope), base: call.chain)
        place.call = number
        try define(body.initializer, in: place.scope, prefix: call.origin.name)
        for (input, value) in zip(body.input, inputs) { try place.scope.define(input.name, as: value) }
        try build(body, place)
        var results: [ValueID] = []
        for output in body.output {
            guard let value = try value(output.name, place) else {
                throw .unreadable("the body does not compute '\(output.name)'", object: call.origin.name)
            }
            results.append(value)
        }
        return results
    }
}
