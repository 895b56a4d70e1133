// Binding: which stored tensor is which declared weight.

import AssayContainers
import AssayGraph
import AssayTensors
import OrderedCollections

/// Binds the weights that a model declares to the tensors of a file.
protocol WeightBinding {
    /// Binds every weight of the model under construction.
    ///
    /// - Throws: `AssayError.unreadable` naming the dataset, for one that is missing or of the wrong shape, and naming the
    ///   layer where numbers of weights disagree.
    func bind(_ assembly: GraphAssembly) throws(AssayError)
}

extension GraphAssembly {
    /// Binds one declared weight to the tensor that the file calls `name`. One of another shape is a defect of the file.
    func bind(
        _ variable: WeightScope.Variable, to tensor: Tensor, named name: String, view: View = .stored(0)
    ) {
        let found = tensor.shape.dimensions
        guard found.isCompatible(with: variable.shape) else {
            let parameter = builder.parameters[variable.parameter.index]
            defects.append(
                Defect(
                    layer: builder.graph[parameter.layer].path,
                    error: .unreadable(
                        "wrong shape for \(parameter.path)", expected: variable.shape.text, found: found.text,
                        object: name),
                    witnesses: ["\(parameter.path): \(variable.shape.text)", "\(name): \(found.text)"]))
            builder.bind(variable.parameter, type: tensor.type, shape: tensor.shape, sources: [name])
            return
        }
        builder.bind(variable.parameter, type: tensor.type, shape: tensor.shape, sources: [name], view: view)
    }

    /// Gives an object whose weights are not known one that the file has for it.
    func attach(_ tensor: Tensor, named name: String, role: String, to scope: WeightScope) {
        let fullRole = scope.role.isEmpty ? role : "\(scope.role)/\(role)"
        let path = builder.graph[scope.layer].path
        _ = builder.addParameter(
            Parameter(
                role: fullRole, path: path.isEmpty ? fullRole : "\(path)/\(fullRole)", layer: scope.layer,
                type: tensor.type, shape: tensor.shape, sources: [name], isTrainable: scope.isTrainable))
    }
}

extension HDF5Dataset {
    /// The path as `Model.tensors` has it: without the root's slash.
    var storedName: String { String(path.drop { $0 == "/" }) }
}

extension HDF5Group {
    /// Every dataset of numbers as a tensor, by its path; text and the like is left out.
    func allTensors() throws(AssayError) -> OrderedDictionary<String, Tensor> {
        var tensors: OrderedDictionary<String, Tensor> = [:]
        try forEachDataset { (dataset) throws(AssayError) in
            if dataset.elementType != nil, dataset.extents != nil { tensors[dataset.storedName] = try dataset.tensor() }
        }
        return tensors
    }
}
