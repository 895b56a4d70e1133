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
            let slice: Slice? = if let slice { try Slice(slice) } else { nil }
            Output.show(try TensorReport(name: tensor, tensor: model.namedTensor(tensor), slice: slice), format)
        } else if graph {
            Output.show(try GraphReport(model), format)
        } else if tensors {
            Output.show(TensorList(model), format)
        } else {
            let size = FileSize.of(self.model.file)
            Output.show(InspectReport(model, fileSize: size, recognition: try model.recognisedCheckpoint()), format)
        }
    }
}
