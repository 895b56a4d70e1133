// assay inspect: what a file holds.

import ArgumentParser
import Assay
import AssayReports

/// Shows what a file holds, from its headers alone unless a tensor's values are asked for.
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Shows what a model file holds.",
        discussion: """
            Reads headers only, unless --tensor asks for values.

            Examples:
              assay inspect model.h5
              assay inspect model.keras --tensor embedding/embeddings --slice 2:5,:8
            """)

    @OptionGroup var model: ModelOptions
    @OptionGroup var format: FormatOptions

    @Flag(help: "Every tensor of the file.")
    var tensors = false

    @Option(help: ArgumentHelp("Statistics, a histogram and values of one tensor or parameter.", valueName: "name"))
    var tensor: String?

    @Option(help: ArgumentHelp("Which values of the tensor: 0,2:5,: as in NumPy.", valueName: "ranges"))
    var slice: String?

    @Flag(help: "Every operator with its operands and results.")
    var graph = false

    func validate() throws {
        if slice != nil, tensor == nil { throw ValidationError("--slice needs --tensor") }
    }

    func run() throws {
        let model = try model.open()
        if let tensor {
            try show(model.namedTensor(tensor), called: tensor)
        } else if graph {
            let report = try GraphReport(model)
            if let json = try model.graphJSON(), format.json { return Output.write(json) }
            Output.writeToStandardOutput(report.text(on: Output.terminal))
        } else if tensors {
            let list = TensorList(model)
            if format.json { return Output.write(list.json) }
            Output.writeToStandardOutput(list.text(on: Output.terminal))
        } else {
            let report = InspectReport(model, fileSize: FileSize.of(self.model.file))
            if format.json { return Output.write(report.json) }
            Output.writeToStandardOutput(report.text(on: Output.terminal))
        }
    }

    private func show(_ tensor: Tensor, called name: String) throws {
        let slice: Slice? = if let slice { try Slice(slice) } else { nil }
        let report = try TensorReport(name: name, tensor: tensor, slice: slice)
        if format.json { return Output.write(try report.json()) }
        Output.writeToStandardOutput(try report.text(on: Output.terminal))
    }
}
