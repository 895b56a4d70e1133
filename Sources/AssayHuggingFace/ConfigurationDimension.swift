// The numbers of a configuration that size a model, by all the names that transformers has for them.

import AssayTensors

/// A number that sizes a model.
enum ConfigurationDimension: CaseIterable {
    case width, layers, heads, innerWidth, headWidth, vocabulary, positions

    /// Its names in the configurations of transformers.
    var keys: [String] {
        switch self {
        case .width: ["hidden_size", "n_embd", "d_model", "dim"]
        case .layers:
            [
                "num_hidden_layers", "n_layer", "n_layers", "num_layers", "encoder_layers", "decoder_layers",
                "num_decoder_layers",
            ]
        case .heads:
            [
                "num_attention_heads", "n_head", "n_heads", "num_heads", "encoder_attention_heads",
                "decoder_attention_heads", "num_key_value_heads",
            ]
        case .innerWidth:
            [
                "intermediate_size", "n_inner", "d_ff", "ffn_dim", "hidden_dim", "encoder_ffn_dim", "decoder_ffn_dim",
                "d_inner",
            ]
        case .headWidth: ["head_dim", "d_kv", "d_head"]
        case .vocabulary: ["vocab_size"]
        case .positions: ["max_position_embeddings", "n_positions"]
        }
    }

    /// The most that a model can have; no file is large enough for more.
    private var limit: Int {
        switch self {
        case .layers, .heads: 1 << 16
        case .width, .innerWidth, .headWidth: 1 << 24
        case .vocabulary, .positions: 1 << 30
        }
    }

    /// Whether `null` means that the model takes its default.
    private var hasDefault: Bool { self == .innerWidth || self == .headWidth || self == .positions }

    /// Checks all its keys: each must be a positive integer, or a list of some (one a stage).
    ///
    /// - Throws: `AssayError.unreadable` naming the key.
    func check(in scope: ConfigurationScope) throws(AssayError) {
        for key in keys {
            guard let value = scope.json[key], !(value.isNull && (hasDefault || key == "num_key_value_heads")) else {
                continue
            }
            for number in value.array ?? [value] {
                // Some models without a position table say so by 0 or -1.
                if self == .positions, let count = number.integer, count <= 0, count >= -1 { continue }
                guard let count = number.integer, count > 0, count <= limit else {
                    throw .unreadable(
                        "wrong number", expected: "an integer from 1 to \(limit)", found: number.text(),
                        object: scope.name + key)
                }
            }
        }
    }
}
