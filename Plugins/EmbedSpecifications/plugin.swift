// Embeds Schemas/architectures/*.json in the module AssayArchitectures: a new architecture is one new JSON file.

import Foundation
import PackagePlugin

@main
struct EmbedSpecifications: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let folder = context.package.directoryURL.appending(path: "Schemas/architectures")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "json" }
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
        let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedSpecifications.swift")
        return [
            .buildCommand(
                displayName: "Embedding \(files.count) architectures",
                executable: try context.tool(named: "EmbedFiles").url,
                arguments: [output.path()] + files.map { $0.path() },
                inputFiles: files,
                outputFiles: [output])
        ]
    }
}
