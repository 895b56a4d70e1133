// Embeds Schemas/architectures/*.json and Schemas/blocks.json in the module AssayArchitectures: a new architecture is one new JSON file.

import Foundation
import PackagePlugin

@main
struct EmbedSpecifications: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let schemas = context.package.directoryURL.appending(path: "Schemas")
        let folder = schemas.appending(path: "architectures")
        let architectures = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "json" }
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
        let files = architectures + [schemas.appending(path: "blocks.json")]
        let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedSpecifications.swift")
        return [
            .buildCommand(
                displayName: "Embedding \(architectures.count) architectures",
                executable: try context.tool(named: "EmbedFiles").url,
                arguments: [output.path()] + files.map { $0.path() },
                inputFiles: files,
                outputFiles: [output])
        ]
    }
}
