// assay convert: a model file in another format.

import ArgumentParser
import Assay
import AssayReports

/// Converts a model file.
struct ConvertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Writes a model file in another format.",
        discussion: """
            The format is what the name of the new file says, or --to. The new file is read back and compared bit for \
            bit before it takes its place; nothing is left behind when that fails.

            hf-safetensors and hf-tf-h5 are folders with config.json and the weights as transformers loads them, of a \
            model that came from such a folder. A file called model.safetensors or tf_model.h5 beside a config.json \
            means these formats too.

            Examples:
              assay convert model.h5 model.zten
              assay convert model.zten model.keras
              assay convert model.keras - --to safetensors > model.safetensors
              assay convert bert/ bert-tf/ --to hf-tf-h5
              assay convert bert/ bert/tf_model.h5
            """)

    @OptionGroup var model: ModelOptions

    @Argument(help: "The new file; - for standard output.")
    var output: String

    @Option(help: ArgumentHelp("The format of the new file.", valueName: "format"))
    var to: String?

    @Flag(help: "Only show which tensor becomes which.")
    var plan = false

    @Flag(name: .customLong("no-verify"), help: "Do not read the new file back.")
    var isUnchecked = false

    @Flag(help: "ZTEN without byte planes: zstd -dc alone gives a usable safetensors file.")
    var plain = false

    @OptionGroup var threads: ThreadOptions
    @OptionGroup var format: FormatOptions

    func validate() throws {
        if output == "-", to == nil { throw ValidationError("standard output needs --to FORMAT") }
    }

    func run() throws {
        let model = try model.open()
        if plan {
            let conversion = try Conversion(model, to: output, formatName: to)
            let mapping = try conversion.mapping().map { ($0.target, $0.sources, $0.view) }
            return Output.show(try ConversionPlan(model, mapping, leftOut: conversion.leftOut()), format)
        }
        let options = WriteOptions(isPlain: plain, pool: threads.pool)
        let report = try Output.file(output) { path in
            let conversion = try Conversion(model, to: path, formatName: to)
            if output == "-", conversion.target.folder != nil {
                throw AssayError(.usage, "\(conversion.target.name) is a folder, which standard output cannot hold")
            }
            let leftOut = try conversion.leftOut()
            let check = try conversion.write(options: options, isChecked: !isUnchecked)
            return ConversionReport(
                output: output, format: conversion.target.name, byteCount: FileSize.of(conversion.weightsPath) ?? 0,
                sourceByteCount: FileSize.of(self.model.file), checkedTensorCount: check?.tensorCount,
                leftOut: leftOut)
        }
        if output != "-" { Output.show(report, format) }
    }
}
