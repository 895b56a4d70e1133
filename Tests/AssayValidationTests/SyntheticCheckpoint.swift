// A checkpoint folder of an architecture, made from the specification itself: small dimensions, random weights.

import AssayContainers
import AssayGraph
import AssayHuggingFace
import AssayTensors
import AssayTestSupport
import AssayValidation
import OrderedCollections
import Testing

@testable import AssayArchitectures

/// What a test changes before the folder is written.
struct SyntheticCheckpoint {
    let specification: Specification
    let blueprint: Blueprint
    let head: String
    /// What the architecture expects, by PyTorch's names.
    let expected: OrderedDictionary<String, ExpectedTensor>
    let ties: [ExpectedTensors.Tie]
    let values: ArchitectureValues
    /// `config.json`.
    var configuration: JSON
    /// The stored tensors.
    var tensors: OrderedDictionary<String, Tensor>

    /// Numbers by the names that the architectures share, all different where they need not be equal.
    private static let numbers: [String: Int] = [
        "vocabulary": 29, "target_vocabulary": 31, "positions": 18, "token_types": 3, "d_model": 12, "d_embedding": 10,
        "blocks": 2, "encoder_blocks": 2, "decoder_blocks": 3, "heads": 3, "encoder_heads": 3, "decoder_heads": 2,
        "key_heads": 1, "head_width": 4, "d_ff": 20, "encoder_d_ff": 20, "decoder_d_ff": 22, "labels": 5,
        "image_height": 8, "image_width": 12, "patch_height": 4, "patch_width": 3, "buckets": 8, "d_pooled": 14,
    ]

    init(_ specification: Specification, head: String) throws {
        self.specification = specification
        self.head = head
        blueprint = try #require(specification.blueprint)
        let className = try #require(
            blueprint.classNames.first { $0.hasSuffix(head) && specification.blueprint?.head(of: $0) == head })
        var configuration: JSON = [
            "model_type": .string(blueprint.modelTypes.first ?? ""), "architectures": [.string(className)],
        ]
        for (name, dimension) in specification.dimensions {
            guard let key = dimension.keys.first else { continue }
            let usual = dimension.fallback?.value { _ in nil }?.integer ?? 1
            configuration.set(key, .integer(Self.numbers[name] ?? min(usual, 16)))
        }
        self.configuration = configuration
        values = specification.values(configuration: configuration, head: head)
        let list = try ExpectedTensors(blueprint, head: head, values: values)
        expected = OrderedDictionary(list.tensors.map { ($0.pytorchName, $0) }, uniquingKeysWith: { first, _ in first })
        ties = list.ties
        tensors = [:]
        let scope = Scope(values: values)
        for (seed, (name, tensor)) in expected.enumerated() {
            var shape: [Int] = []
            for extent in tensor.shape { shape.append(try scope.integer(extent)) }
            tensors[name] = .weights(Shape(tensor.pytorch.storedShape(of: shape)), seed: UInt64(seed + 1))
        }
    }

    /// What validation says of it, read back from a folder.
    func report(as forced: String? = nil) throws -> ValidationReport {
        let folder = TemporaryFolder()
        _ = try folder.write(Array(configuration.text().utf8), to: "config.json")
        try SafeTensorsFile.write(NamedTensors(tensors), to: folder.file("model.safetensors"))
        return try Validator().validate(HuggingFaceReader.read(path: folder.path), as: forced)
    }

    // MARK: Choosing

    /// The name of the first tensor that fits.
    func first(_ fits: (ExpectedTensor, Shape) -> Bool) -> String? {
        expected.first { name, tensor in tensors[name].map { fits(tensor, $0.shape) } ?? false }?.key
    }

    /// The first kernel of two different extents in a block.
    var kernel: String? {
        first {
            $1.rank == 2 && $1[0] != $1[1] && $0.parameter == "kernel" && $0.module.parts.contains(where: \.isNumber)
        }
    }

    /// The first kernel of two equal extents.
    var square: String? { first { $1.rank == 2 && $1[0] == $1[1] && $0.parameter == "kernel" } }

    /// The first vector in a block.
    var vector: String? { first { $1.rank == 1 && $0.module.parts.contains(where: \.isNumber) } }

    /// The first tensor whose first axis is a dimension.
    func table(_ dimension: String) -> String? {
        first { tensor, shape in shape.rank >= 2 && tensor.shape.contains(.name(dimension)) }
    }

    /// The outermost numbered modules, as prefixes of names: `encoder.layer.0.`.
    var blocks: [String] {
        Array(
            OrderedSet(
                expected.values.compactMap { tensor in
                    tensor.module.parts.firstIndex(where: \.isNumber).map {
                        tensor.module.names[...$0].joined(separator: ".") + "."
                    }
                }))
    }

    // MARK: Changing

    /// Gives a tensor another shape, filled with new values.
    mutating func reshape(_ name: String, _ change: (inout [Int]) -> Void) {
        guard let tensor = tensors[name] else { return }
        var extents = tensor.shape.extents
        change(&extents)
        tensors[name] = .weights(Shape(extents), seed: 999)
    }

    /// Changes a number of the configuration; gives its key.
    mutating func configure(_ dimension: String, _ change: (Int) -> Int) -> String? {
        guard let key = specification.dimensions[dimension]?.keys.first,
            let value = configuration.configured(key)?.integer
        else { return nil }
        configuration.set(key, .integer(change(value)))
        return key
    }
}

extension JSON {
    /// Sets a member of an object; `image_size.1` is an element of a list.
    mutating func set(_ key: String, _ value: JSON) {
        guard var members = object else { return }
        let parts = key.split(separator: ".").map(String.init)
        if parts.count == 2, let index = Int(parts[1]) {
            var elements = members[parts[0]]?.array ?? []
            while elements.count <= index { elements.append(value) }
            elements[index] = value
            members[parts[0]] = .array(elements)
        } else {
            members[key] = value
        }
        self = .object(members)
    }
}
