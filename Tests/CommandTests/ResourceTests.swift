// What commands may take: how often they ask for memory, and how much they have at most. Time is not judged here: it depends on
// the machine (`make bench`).

import AssayContainers
import AssayTensors
import AssayTestSupport
import Glibc
import Testing

/// A command and its thresholds, about a quarter above what it took when they were set.
private struct Budget: Sendable, CustomTestStringConvertible {
    let arguments: [String]
    let allocations: Int
    let megabytes: Int

    init(_ arguments: String..., allocations: Int, megabytes: Int) {
        self.arguments = arguments
        self.allocations = allocations
        self.megabytes = megabytes
    }

    var testDescription: String { arguments.joined(separator: " ") }
}

private let encoder = "SampleCheckpoints/encoder"

/// Commands on a Transformer encoder of a few thousand weights: what is counted is the command's own. Reading the
/// specifications, to recognise the architecture, takes 40,000 allocations.
private let budgets = [
    Budget("inspect", "\(encoder)/keras2.h5", allocations: 10_000, megabytes: 24),
    Budget("validate", "\(encoder)/keras2.h5", allocations: 55_000, megabytes: 24),
    Budget("convert", "\(encoder)/keras2.h5", "OUT/new.safetensors", allocations: 45_000, megabytes: 24),
    Budget("run", "\(encoder)/keras2.h5", "--random", "1", allocations: 18_000, megabytes: 28),
    Budget("verify", "\(encoder)/keras2.h5", "\(encoder)/model.keras", allocations: 150_000, megabytes: 36),
]

/// Commands on a file of 128 MB in eight tensors: memory is bounded by parts of a tensor, not by the file. Names that no
/// architecture has are tried against all of them.
private let largeBudgets = [
    Budget("inspect", "OUT/large.safetensors", allocations: 50_000, megabytes: 20),
    Budget("validate", "OUT/large.safetensors", allocations: 50_000, megabytes: 36),
    Budget("convert", "OUT/large.safetensors", "OUT/large.zten", allocations: 50_000, megabytes: 76),
]

/// What one run of the command took.
private struct Usage {
    let allocations: Int
    let kilobytes: Int

    /// Runs the command with the library that counts; nil where the run fails or reports nothing.
    init?(_ arguments: [String], counter: String, in folder: TemporaryFolder) {
        let report = folder.file("usage")
        let result = BuiltCommand.run(arguments, prelude: "LD_PRELOAD='\(counter)' USAGE_REPORT='\(report)'")
        guard result.status == 0, let file = try? MappedFile(path: report) else { return nil }
        // The HDF5 helper may report too, and ends before the command does.
        let lines = String(decoding: file.bytes.array, as: UTF8.self).split(separator: "\n")
        let numbers = lines.last?.split(separator: " ").compactMap { Int($0) } ?? []
        guard numbers.count == 2 else { return nil }
        (allocations, kilobytes) = (numbers[0], numbers[1])
    }
}

@Suite("Resources")
struct ResourceTests {
    private let folder = TemporaryFolder()

    /// The library that counts, compiled.
    private func counter() throws -> String {
        let library = folder.file("usage_report.so")
        let source = "\(Fixtures.repository)/Tests/UsageReport/usage_report.c"
        let status = system("clang -O2 -shared -fPIC -o '\(library)' '\(source)'")
        try #require(status == 0, "clang is part of the Swift toolchain")
        return library
    }

    private func expectWithin(_ budget: Budget, counter: String) throws {
        let arguments = budget.arguments.map { $0.replacing("OUT/", with: folder.path + "/") }
        let usage = try #require(Usage(arguments, counter: counter, in: folder), "\(budget.testDescription) failed")
        #expect(usage.allocations <= budget.allocations, "\(budget.testDescription)")
        #expect(usage.kilobytes <= budget.megabytes * 1024, "\(budget.testDescription)")
    }

    @Test("a small model", arguments: budgets)
    fileprivate func smallModel(_ budget: Budget) throws {
        try expectWithin(budget, counter: counter())
    }

    @Test("a file that is larger than what a command may have")
    func largeFile() throws {
        var content = NamedTensors(metadata: [:])
        for index in 0..<8 {
            content.tensors["layer_\(index)/kernel"] = .weights([2048, 2048], seed: UInt64(index))
        }
        try SafeTensorsFile.write(content, to: folder.file("large.safetensors"))
        let counter = try counter()
        for budget in largeBudgets { try expectWithin(budget, counter: counter) }
    }
}
