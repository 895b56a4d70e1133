// `assay validate`: what was found, and what the model was recognised as.

import AssayArchitectures
import AssayTensors
import AssayValidation

extension ValidationReport: Report {
    /// The architecture with its dimensions, the findings, and their number.
    public func text(on terminal: Terminal) -> String {
        var text = ""
        if let recognition {
            text += recognition.text(on: terminal)
        } else {
            text += "No architecture of the specification: structural checks alone.\n"
        }
        for finding in findings { text += finding.text(on: terminal) }
        return text + conclusion(on: terminal)
    }

    private func conclusion(on terminal: Terminal) -> String {
        let counts = Finding.Severity.allCases.map { severity in
            let count = findings.count { $0.severity == severity }
            return "\(count) \(severity.rawValue)\(count == 1 ? "" : "s")"
        }
        return isSound
            ? "\(terminal.paint("Sound", .green)): \(counts.joined(separator: ", "))\n"
            : "\(terminal.paint("Not sound", .red)): \(counts.joined(separator: ", "))\n"
    }
}

extension Recognition {
    /// What it is and how surely, and its dimensions.
    func text(on terminal: Terminal) -> String {
        let title = terminal.paint(specification.title, .bold)
        var text = "\(title)\n"
        if let checkpoint {
            let share = Int((confidence * 100).rounded(.down))
            text += "\(checkpoint.className.escaped), which accounts for \(share) % of the tensors\n"
        }
        return text + dimensions.map { "\($0.key) \($0.value.value)" }.joined(separator: ", ").escaped + "\n"
    }
}

extension Finding {
    /// One line, and one for each witness.
    func text(on terminal: Terminal) -> String {
        let style: Style =
            switch severity {
            case .error: .red
            case .warning: .yellow
            case .note: .dim
            }
        var what = message
        if let expected { what += ", expected \(expected)" }
        if let found { what += ", found \(found)" }
        let place = layer.isEmpty ? "" : "\(layer.escaped): "
        var text = "\(terminal.paint(severity.rawValue.padded(to: 8), style))\(place)\(what.escaped) (\(code))\n"
        for witness in witnesses { text += "        by \(witness.escaped)\n" }
        return text
    }
}
