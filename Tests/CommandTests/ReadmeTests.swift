// Every command that the README shows is run, and shows what the page says: the same words at the beginning of every line.
// Numbers may differ in their last digits from machine to machine.

import AssayTensors
import AssayTestSupport
import Testing

@Suite("The README's commands")
struct ReadmeTests {
    /// A command of the page with its output, in the order of the page: later ones use files of earlier ones.
    private static let examples: [(arguments: [String], output: [Substring])] = {
        guard let bytes = try? MappedFile(path: Fixtures.repository + "/README.md").bytes.array else { return [] }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        var examples: [(arguments: [String], output: [Substring])] = []
        var isInside = false
        for line in lines {
            if line.hasPrefix("$ assay ") {
                isInside = true
                examples.append((line.dropFirst(8).split(separator: " ").map(String.init), []))
            } else if line.hasPrefix("```") {
                isInside = false
            } else if isInside, !line.isEmpty {
                examples[examples.count - 1].output.append(line)
            }
        }
        return examples
    }()

    @Test("do what the page says") func commands() throws {
        #expect(ReadmeTests.examples.count >= 7)
        let folder = TemporaryFolder()
        for example in ReadmeTests.examples {
            let arguments = example.arguments.map { $0.hasPrefix("/tmp/") ? folder.file(String($0.dropFirst(5))) : $0 }
            let result = BuiltCommand.run(arguments)
            #expect(result.status == 0, "\(example.arguments): \(result.errors)")
            let shown = result.output.split(separator: "\n").map(firstWord)
            let expected = example.output.map(firstWord)
            #expect(Array(shown.prefix(expected.count)) == expected, "\(example.arguments)")
        }
    }

    /// The first word of a line; of a path in a folder of ours, its last part.
    private func firstWord(_ line: Substring) -> Substring {
        let word = line.split(separator: " ").first ?? ""
        return word.hasPrefix("/tmp/") ? word.split(separator: "/").last ?? "" : word
    }
}
