// Both models in one joint graph, on one set of A's inputs.

import AssayExecution
import AssayGraph
import AssayOperators
import AssayTensors

/// What a model is run on: one tensor for each input.
public typealias InputSet = [ValueID: Tensor]

/// A comparison that is being set up: both models on the same inputs, and whatever else is added.
struct JointRun {
    var joint = JointGraph()
    private(set) var feeds: [ValueID: Tensor] = [:]
    /// A and B as they are.
    private(set) var strandA: Strand
    private(set) var strandB: Strand

    /// Both models, fed with `set`.
    init(_ a: Side, _ b: Side, ports: PortPairing, set: InputSet) throws(AssayError) {
        strandA = Strand(a, mark: "a")
        strandB = Strand(b, mark: "b")
        for (index, port) in a.graph.inputs.enumerated() {
            guard let tensor = set[port.value] else { continue }
            let type = a.graph[port.value].fact.type
            let input = feed(tensor, as: type)
            strandA.placed[port.value] = input
            // Paired inputs stand in A's order.
            guard ports.inputs.indices.contains(index) else { continue }
            let other = ports.inputs[index].b
            let otherType = b.graph[other].fact.type
            strandB.placed[other] =
                StorageClass(otherType) == StorageClass(type) ? input : feed(tensor, as: otherType)
        }
    }

    /// One model alone.
    init(_ a: Side, set: InputSet) {
        strandA = Strand(a, mark: "a")
        strandB = Strand(a, mark: "a")
        for port in a.graph.inputs {
            guard let tensor = set[port.value] else { continue }
            strandA.placed[port.value] = feed(tensor, as: a.graph[port.value].fact.type)
        }
        strandB.placed = strandA.placed
    }

    /// Nothing yet: single layers are added to it.
    init(layersOf a: Side, _ b: Side) {
        strandA = Strand(a, mark: "a")
        strandB = Strand(b, mark: "b")
    }

    /// Adds a value that is fed.
    mutating func feed(_ tensor: Tensor, as type: ElementType) -> ValueID {
        let input = joint.addInput(type, tensor.shape)
        feeds[input] = tensor
        return input
    }

    /// Adds what stands in the place of a value. Integers are constants, since shapes may follow from them.
    mutating func place(_ tensor: Tensor, as type: ElementType) -> ValueID {
        type.isInteger ? joint.add(constant: tensor) : feed(tensor, as: type)
    }

    /// A value of A.
    mutating func a(_ value: ValueID) throws(AssayError) -> ValueID { try joint.add(value, of: &strandA) }

    /// A value of B.
    mutating func b(_ value: ValueID) throws(AssayError) -> ValueID { try joint.add(value, of: &strandB) }

    /// A copy of A with moved weights, on the same inputs.
    func moved(_ adjustment: PreparedParameters<Double>.Adjustment) -> Strand {
        var strand = Strand(strandA.side, mark: "a", adjustment: adjustment)
        for port in strandA.side.graph.inputs { strand.placed[port.value] = strandA.placed[port.value] }
        return strand
    }

    /// A value of A as its counterpart lies in B: with the axes in B's order, and in B's shape.
    mutating func laidOut(_ value: ValueID, as pair: ValuePair) throws(AssayError) -> ValueID {
        var value = value
        if let axes = pair.axes { value = try joint.add(Transpose(order: axes), [value]) }
        if let shape = pair.shapeOfB, shape.count == joint.shape(of: value)?.count {
            value = try joint.add(reshaping: value, to: shape)
        }
        return value
    }

    /// Adds a probe between a value of A and its counterpart; nil where they have not as many elements.
    mutating func compare(
        _ a: ValueID, _ b: ValueID, as pair: ValuePair, tolerance: OutputTolerance? = nil
    ) throws(AssayError) -> ValueID? {
        try compare(laidOut(a, as: pair), b, order: pair.order, tolerance: tolerance)
    }

    /// Adds a probe between two values; nil where they have not as many elements.
    mutating func compare(
        _ a: ValueID, _ b: ValueID, order: ElementOrder = .same, tolerance: OutputTolerance? = nil
    ) throws(AssayError) -> ValueID? {
        guard joint.shape(of: a)?.count == joint.shape(of: b)?.count else { return nil }
        return try joint.add(DifferenceProbe(order: order, tolerance: tolerance), [a, b])
    }

    /// Runs it and gives what each of `wanted` is.
    func values<Scalar: FastScalar>(
        _: Scalar.Type, _ wanted: [ValueID], threads: ThreadPool
    ) throws(AssayError) -> [ValueID: Tensor] {
        try joint.run(Scalar.self, feeding: feeds, wanted: wanted, threads: threads)
    }

    /// Runs it and shows each of `wanted` as soon as it is computed.
    func observe<Scalar: FastScalar>(
        _: Scalar.Type, _ wanted: [ValueID], threads: ThreadPool, _ observe: FastExecutor<Scalar>.Observer
    ) throws(AssayError) {
        try joint.run(Scalar.self, feeding: feeds, wanted: wanted, threads: threads, observe: observe)
    }
}

extension Tensor {
    /// The sums of a `DifferenceProbe`.
    func differenceSums() throws(AssayError) -> DifferenceSums { DifferenceSums(vector: try doubles()) }
}

extension Side {
    /// The values that are compared: the recorded outputs of all units, and the model's own, as far as they can be computed.
    var comparedValues: [ValueID] {
        let runnable = graph.runnableValues
        var seen: Set<ValueID> = []
        return (units.flatMap(recordedOutputs) + graph.outputs.map(\.value)).filter {
            runnable[$0.index] && seen.insert($0).inserted
        }
    }
}
