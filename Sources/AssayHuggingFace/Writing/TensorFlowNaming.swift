// How transformers' TensorFlow models name their variables, and in which groups of a file these stand.

import AssayArchitectures
import AssayTensors

/// The names of one model's variables in `tf_model.h5`.
///
/// A variable is named by the model's instance, its modules and its own name
/// (`tf_bert_model/bert/encoder/layer_._0/output/dense/kernel:0`), and stands in the group of the outermost module (`bert`).
struct TensorFlowNaming {
    /// Keras' name of the first instance of the class.
    private let instance: String
    private let numbering: String
    /// The module around a model without a head, which PyTorch's names leave out.
    private let base: [String]

    /// The names in a model of `blueprint` whose class in PyTorch is `className`.
    ///
    /// - Parameter isBaseModel: whether it has no head.
    init(_ blueprint: Blueprint, className: String, isBaseModel: Bool) {
        instance = TensorFlowNaming.snakeCase("TF" + className)
        numbering = blueprint.tensorFlowNumbering
        base = isBaseModel && !blueprint.module.isEmpty ? [blueprint.module] : []
    }

    /// The group that a tensor stands in first.
    func group(of tensor: ExpectedTensor) -> String {
        sections(of: tensor.module).first ?? tensor.tensorFlow.name
    }

    /// The names of the variable, without a group: its own, and those under which TensorFlow has it once more. What is in
    /// no module has its own name alone.
    func variables(of tensor: ExpectedTensor) -> [String] {
        let sections = sections(of: tensor.module)
        let scope = tensor.module.tensorFlowScope.map { [$0] } ?? (sections.isEmpty ? [] : [instance] + sections)
        return tensor.tensorFlow.writtenNames.map { name in
            (scope + name.split(separator: ".").map(String.init)).joined(separator: "/") + ":0"
        }
    }

    /// Whether a tensor belongs to one of these modules: `bert.embeddings`.
    func belongs(_ tensor: ExpectedTensor, to modules: [String]) -> Bool {
        let path = (base + tensor.module.names).joined(separator: ".") + "."
        return modules.contains { path.hasPrefix($0 + ".") }
    }

    private func sections(of module: ModulePath) -> [String] {
        base + module.tensorFlowSections(numbering: numbering)
    }

    /// A class name as Keras makes an instance's name of it (`to_snake_case` of keras/src/utils/generic_utils.py): a word
    /// begins at a capital behind a small letter, or before one.
    static func snakeCase(_ className: String) -> String {
        let letters = Array(className)
        var name = ""
        for (index, letter) in letters.enumerated() {
            if index > 0, letter.isUppercase {
                let next = index + 1 < letters.count ? letters[index + 1] : "_"
                if letters[index - 1].isLowercase || next.isLowercase { name += "_" }
            }
            name += letter.lowercased()
        }
        return name
    }
}
