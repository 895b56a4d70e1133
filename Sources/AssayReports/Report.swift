// What every result of a command can do.

import AssayTensors

/// A result that people read as text and programs as JSON.
public protocol Report {
    /// The text for people.
    func text(on terminal: Terminal) -> String
    /// The same for programs.
    var json: JSON { get }
}
