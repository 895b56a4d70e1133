// Writes a Swift file that holds the texts of other files, so that the one binary carries its specifications with it.
//
// usage: EmbedFiles OUTPUT.swift FILE…

import Glibc

/// The bytes of a file, nil where it cannot be opened.
func read(_ path: String) -> [UInt8]? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = fread(&buffer, 1, buffer.count, file)
        guard count > 0 else { return bytes }
        bytes.append(contentsOf: buffer[..<count])
    }
}

let paths = CommandLine.arguments.dropFirst(2).sorted()
var source = "// Made by EmbedFiles; not to be edited.\n\n"
source += "/// The files of a folder by their names, as they were when the package was built.\n"
source += "let embeddedFiles: [(name: String, text: String)] = [\n"
for path in paths {
    guard let text = read(path) else {
        perror("EmbedFiles: \(path)")
        exit(1)
    }
    let name = path.split(separator: "/").last.map(String.init) ?? path
    // Five number signs: no text of the specification closes such a literal by chance.
    source += "    (\"\(name)\", #####\"\"\"\n"
    source += String(decoding: text, as: UTF8.self)
    source += "\n\"\"\"#####),\n"
}
source += "]\n"

guard CommandLine.arguments.count > 1 else {
    print("usage: EmbedFiles OUTPUT.swift FILE…")
    exit(1)
}
// The build runs this tool more often than a specification changes: a file that is left alone is not compiled anew.
if read(CommandLine.arguments[1]) == Array(source.utf8) { exit(0) }
guard let output = fopen(CommandLine.arguments[1], "w") else {
    perror("EmbedFiles: the output")
    exit(1)
}
fputs(source, output)
fclose(output)
