// For every architecture: a sound checkpoint gives no finding, and each of more than twenty kinds of damage is reported at
// the tensor or key that is wrong, with what contradicts it.

import AssayTensors
import AssayTestSupport
import AssayValidation
import OrderedCollections
import Testing

@testable import AssayArchitectures

/// One kind of damage.
private struct Corruption {
    /// What is done.
    let name: String
    /// Does it; gives where it must be reported, and what must be named as a witness. Nil where the architecture has no such
    /// thing.
    let damage: (inout SyntheticCheckpoint) -> Expectation?

    struct Expectation {
        var places: [String]
        var witness: String
        var code: String?

        init(_ places: String..., witness: String, code: String? = nil) {
            self.places = places
            self.witness = witness
            self.code = code
        }
    }

    /// One extent of a tensor is off.
    private static func extent(
        _ name: String, _ axis: Int, _ change: @escaping (Int) -> Int,
        of choose: @escaping (SyntheticCheckpoint) -> String?
    ) -> Corruption {
        Corruption(name: name) { checkpoint in
            guard let tensor = choose(checkpoint) else { return nil }
            checkpoint.reshape(tensor) { $0[axis] = change($0[axis]) }
            return Expectation(tensor, witness: "\(tensor) axis \(axis)", code: "dimension-contradiction")
        }
    }

    /// A tensor is missing.
    private static func missing(_ name: String, _ choose: @escaping (SyntheticCheckpoint) -> String?) -> Corruption {
        Corruption(name: name) { checkpoint in
            guard let tensor = choose(checkpoint) else { return nil }
            checkpoint.tensors[tensor] = nil
            return Expectation(tensor, witness: "the architecture", code: "missing-tensor")
        }
    }

    /// A number of the configuration is wrong.
    private static func key(_ dimension: String, _ change: @escaping (Int) -> Int) -> Corruption {
        Corruption(name: "wrong \(dimension) in config.json") { checkpoint in
            // Where one tensor alone has the dimension, either may be wrong: it is reported there, with the key as witness.
            let tensor = checkpoint.table(dimension) ?? ""
            guard let key = checkpoint.configure(dimension, change) else { return nil }
            return Expectation(
                "config.json: \(key)", tensor, witness: "config.json: \(key)", code: "dimension-contradiction")
        }
    }

    static var all: [Corruption] {
        [
            extent("a kernel one column too wide", 1, { $0 + 1 }, of: \.kernel),
            extent("a kernel one row too long", 0, { $0 + 1 }, of: \.kernel),
            extent("a square kernel one row too short", 0, { $0 - 1 }, of: \.square),
            extent("a square kernel one column too narrow", 1, { $0 - 1 }, of: \.square),
            extent("a vector one too long", 0, { $0 + 1 }, of: \.vector),
            extent("a token table too narrow", 1, { $0 - 1 }, of: { $0.table("vocabulary") }),
            extent("a token table with a row too few", 0, { $0 - 1 }, of: { $0.table("vocabulary") }),
            Corruption(name: "a truncated position table") { checkpoint in
                guard let table = checkpoint.table("positions") else { return nil }
                let axis = (checkpoint.tensors[table]?.shape.rank ?? 2) - 2
                checkpoint.reshape(table) { $0[axis] /= 2 }
                return Expectation(table, witness: "\(table) axis \(axis)")
            },
            Corruption(name: "a transposed kernel") { checkpoint in
                guard let kernel = checkpoint.kernel else { return nil }
                checkpoint.reshape(kernel) { $0.reverse() }
                return Expectation(kernel, witness: kernel, code: "transposed-tensor")
            },
            Corruption(name: "a transposed token table") { checkpoint in
                guard let table = checkpoint.table("vocabulary") else { return nil }
                checkpoint.reshape(table) { $0.reverse() }
                return Expectation(table, witness: table, code: "transposed-tensor")
            },
            Corruption(name: "a flattened kernel") { checkpoint in
                guard let kernel = checkpoint.kernel else { return nil }
                checkpoint.reshape(kernel) { $0 = [$0.reduce(1, *)] }
                return Expectation(kernel, witness: kernel, code: "wrong-rank")
            },
            Corruption(name: "two exchanged tensors of one rank") { checkpoint in
                guard let kernel = checkpoint.kernel, let square = checkpoint.square else { return nil }
                checkpoint.tensors.swapAt(kernel, square)
                return Expectation(kernel, square, witness: square, code: "swapped-tensors")
            },
            Corruption(name: "a kernel and a vector exchanged") { checkpoint in
                guard let kernel = checkpoint.kernel, let vector = checkpoint.vector else { return nil }
                checkpoint.tensors.swapAt(kernel, vector)
                return Expectation(kernel, vector, witness: vector, code: "wrong-rank")
            },
            missing("a missing bias or scale", \.vector),
            missing("a missing kernel", \.kernel),
            missing("a missing embedding") { $0.expected.keys.first },
            Corruption(name: "a missing first block") { checkpoint in
                guard let block = checkpoint.blocks.first else { return nil }
                checkpoint.tensors = checkpoint.tensors.filter { !$0.key.hasPrefix(block) }
                return Expectation(String(block.dropLast()), witness: "the architecture", code: "missing-block")
            },
            Corruption(name: "a missing last block") { checkpoint in
                guard checkpoint.blocks.count > 1, let block = checkpoint.blocks.last else { return nil }
                checkpoint.tensors = checkpoint.tensors.filter { !$0.key.hasPrefix(block) }
                return Expectation(String(block.dropLast()), witness: "config.json: ", code: "dimension-contradiction")
            },
            Corruption(name: "a block too much") { checkpoint in
                guard checkpoint.blocks.count > 1, let last = checkpoint.blocks.last else { return nil }
                let parts = last.split(separator: ".")
                let number = (parts.last.flatMap { Int($0) } ?? 0) + 1
                let other = (parts.dropLast() + ["\(number)"]).joined(separator: ".") + "."
                for (index, (name, tensor)) in checkpoint.tensors.enumerated() where name.hasPrefix(last) {
                    let seed = UInt64(1000 + index)
                    checkpoint.tensors[other + name.dropFirst(last.count)] = .weights(tensor.shape, seed: seed)
                }
                return Expectation(String(other.dropLast()), witness: "config.json: ", code: "dimension-contradiction")
            },
            Corruption(name: "a renamed tensor") { checkpoint in
                guard let kernel = checkpoint.kernel, let tensor = checkpoint.tensors[kernel] else { return nil }
                checkpoint.tensors[kernel] = nil
                checkpoint.tensors["\(kernel)_orig"] = tensor
                return Expectation(kernel, "\(kernel)_orig", witness: "\(kernel)_orig")
            },
            Corruption(name: "a tensor too much") { checkpoint in
                checkpoint.tensors["stranger.weight"] = .weights([3, 3], seed: 5)
                return Expectation("stranger.weight", witness: "the architecture", code: "unknown-tensor")
            },
            Corruption(name: "a value that is no number") { checkpoint in
                guard let kernel = checkpoint.kernel, let tensor = checkpoint.tensors[kernel],
                    var values = try? tensor.floats()
                else { return nil }
                values[values.count / 2] = .nan
                checkpoint.tensors[kernel] = Tensor(values, shape: tensor.shape)
                return Expectation(kernel, witness: kernel, code: "non-finite")
            },
            Corruption(name: "a tied twin that differs") { checkpoint in
                guard let tie = checkpoint.ties.first(where: { $0.twin.pytorchName != $0.owner.pytorchName }),
                    let owner = checkpoint.tensors[tie.owner.pytorchName]
                else { return nil }
                checkpoint.tensors[tie.twin.pytorchName] = .weights(owner.shape, seed: 31)
                return Expectation(tie.twin.pytorchName, witness: tie.owner.pytorchName, code: "tied-tensors-differ")
            },
            key("vocabulary") { $0 + 1 },
            key("d_model") { $0 + 12 },
            key("d_ff") { $0 + 1 },
            key("decoder_d_ff") { $0 + 1 },
            key("patch_height") { $0 * 2 },
            Corruption(name: "heads that do not divide the width") { checkpoint in
                for name in ["heads", "encoder_heads"] {
                    guard let key = checkpoint.configure(name, { $0 + 2 }) else { continue }
                    return Expectation(
                        "config.json: \(key)", witness: "config.json: \(key)", code: "dimension-contradiction")
                }
                return nil
            },
            Corruption(name: "more blocks in config.json than there are") { checkpoint in
                // ALBERT's blocks have their tensors in common.
                let name = checkpoint.specification.dimensions["groups"] != nil ? "groups" : "blocks"
                guard let block = checkpoint.blocks.last, let key = checkpoint.configure(name, { $0 + 1 }) else {
                    return nil
                }
                var parts = block.split(separator: ".").map(String.init)
                parts[parts.count - 1] = "\((Int(parts[parts.count - 1]) ?? 0) + 1)"
                return Expectation(parts.joined(separator: "."), witness: "config.json: \(key)")
            },
        ]
    }
}

extension OrderedDictionary where Key == String {
    /// Gives each of two keys the other's value.
    fileprivate mutating func swapAt(_ first: String, _ second: String) {
        let value = self[first]
        self[first] = self[second]
        self[second] = value
    }
}

@Suite("Damaged checkpoints")
struct CorruptionTests {
    /// The architectures that are built from checkpoints.
    static let architectures = ((try? SpecificationLibrary.builtIn().specifications) ?? []).filter {
        $0.blueprint != nil
    }
    .map(\.name)

    private func specification(_ name: String) throws -> Specification {
        try SpecificationLibrary.builtIn().specification(named: name)
    }

    @Test("a sound checkpoint gives no finding, under every head", arguments: architectures)
    func sound(name: String) throws {
        let specification = try specification(name)
        for head in try #require(specification.blueprint).heads.keys {
            let checkpoint = try SyntheticCheckpoint(specification, head: head)
            for forced in [nil, name] {
                let report = try checkpoint.report(as: forced)
                #expect(report.findings == [], "\(head)")
                #expect(report.recognition?.confidence == 1, "\(head)")
                #expect(report.recognition?.specification.name == name, "\(head)")
            }
        }
    }

    /// A head with an output layer that may be tied, else any but the base.
    private func head(of specification: Specification) -> String {
        let heads = specification.blueprint.map { Array($0.heads.keys) } ?? []
        let best = ["ForMaskedLM", "LMHeadModel", "ForCausalLM", "ForConditionalGeneration", "MTModel"]
        return best.first(where: heads.contains) ?? heads.last ?? ""
    }

    @Test("damage is reported where it is, with both witnesses", arguments: architectures)
    func damage(name: String) throws {
        let specification = try specification(name)
        var count = 0
        for corruption in Corruption.all {
            var checkpoint = try SyntheticCheckpoint(specification, head: head(of: specification))
            guard let expectation = corruption.damage(&checkpoint) else { continue }
            count += 1
            let findings = try checkpoint.report().findings
            let isFound = findings.contains { finding in
                (expectation.places.contains(finding.layer)
                    || (finding.code == "non-finite" && finding.witnesses == expectation.places))
                    && (expectation.code == nil || finding.code == expectation.code)
                    && (finding.witnesses + [finding.message]).contains { $0.contains(expectation.witness) }
            }
            #expect(isFound, "\(corruption.name), expected at \(expectation.places): \(findings.map(\.json))")
            // One thing is wrong, and little else is said.
            #expect(findings.count <= 3, "\(corruption.name): \(findings.map(\.json))")
        }
        #expect(count >= 20)
    }

    @Test("a checkpoint without config.json is recognised by names and shapes", arguments: architectures)
    func recognition(name: String) throws {
        let specification = try specification(name)
        let library = try SpecificationLibrary.builtIn()
        let checkpoint = try SyntheticCheckpoint(specification, head: head(of: specification))
        let shapes = checkpoint.tensors.mapValues(\.shape)
        let recognition = try #require(library.recogniseCheckpoint(shapes, configuration: nil))
        let names = [recognition.specification.name] + (recognition.checkpoint?.alternatives ?? [])
        #expect(names.contains(name))
        #expect(recognition.confidence == 1)
        #expect(recognition.contradictions == [])
        for (dimension, witness) in recognition.dimensions where recognition.specification.name == name {
            // What no tensor shows is what the architecture derives.
            if specification.dimensions[dimension]?.fallback?.names.isEmpty == false { continue }
            #expect(witness.value == checkpoint.values.dimensions[dimension], "\(dimension)")
        }
    }
}
