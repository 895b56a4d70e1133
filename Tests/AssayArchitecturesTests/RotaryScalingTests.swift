// The frequencies of rotary positions: the numbers that transformers 4.46.3 computes (ROPE_INIT_FUNCTIONS), and what is refused.

import AssayOperators
import AssayTensors
import Glibc
import Testing

@testable import AssayArchitectures

/// A `rope_scaling`, and what transformers makes of it for heads of 8, base 10000 and 64 positions.
struct RotaryCase: Sendable, CustomTestStringConvertible {
    let scaling: String
    var originalLength: Int?
    let frequencies: [Double]
    var scale = 1.0

    var testDescription: String { scaling }

    static let all: [RotaryCase] = [
        RotaryCase(
            scaling: "null", frequencies: [1, 0.10000000149011612, 0.009999999776482582, 0.0010000000474974513]),
        RotaryCase(
            scaling: #"{"type": "linear", "factor": 3.0}"#,
            frequencies: [0.3333333432674408, 0.03333333507180214, 0.003333333181217313, 0.0003333333588670939]),
        RotaryCase(
            scaling: #"{"rope_type": "yarn", "factor": 4.0}"#,
            frequencies: [1, 0.0625, 0.0024999999441206455, 0.0002500000118743628], scale: 1.138629436111989),
        RotaryCase(
            scaling: #"{"rope_type": "yarn", "factor": 2, "attention_factor": 0.7, "beta_fast": 4, "beta_slow": 0.5}"#,
            frequencies: [1, 0.07500000298023224, 0.004999999888241291, 0.0005000000237487257], scale: 0.7),
        RotaryCase(
            scaling: """
                {"rope_type": "longrope", "factor": 4, "short_factor": [1.1, 1.2, 1.3, 1.4], "long_factor": [1.5, 2, 2.5, 3]}
                """,
            frequencies: [0.6666666865348816, 0.05000000074505806, 0.004000000189989805, 0.00033333332976326346],
            scale: 1.1547005383792517),
        RotaryCase(
            scaling: """
                {"rope_type": "longrope", "factor": 9, "short_factor": [1.1, 1.2, 1.3, 1.4], "long_factor": [1.5, 2, 2.5, 3]}
                """, originalLength: 16,
            frequencies: [0.6666666865348816, 0.05000000074505806, 0.004000000189989805, 0.00033333332976326346],
            scale: 1.224744871391589),
        RotaryCase(
            scaling: """
                {"rope_type": "longrope", "factor": 1, "short_factor": [1.1, 1.2, 1.3, 1.4], "long_factor": [1.5, 2, 2.5, 3]}
                """,
            frequencies: [0.9090908765792847, 0.0833333358168602, 0.007692307699471712, 0.0007142857066355646]),
        RotaryCase(
            scaling: """
                {"rope_type": "llama3", "factor": 8, "low_freq_factor": 1, "high_freq_factor": 4,
                 "original_max_position_embeddings": 160}
                """,
            frequencies: [1, 0.057605646550655365, 0.0012499999720603228, 0.0001250000059371814]),
    ]
}

@Suite struct RotaryScalingTests {
    private func rotation(_ scaling: String, originalLength: Int? = nil, width: Int = 8) throws -> RotaryEmbedding {
        try RotaryScaling(base: 10000, width: width, trainedLength: 64, originalLength: originalLength)
            .rotation(JSON(parsing: scaling), isInterleaved: false)
    }

    @Test(arguments: RotaryCase.all) func frequenciesAreThoseOfTransformers(_ test: RotaryCase) throws {
        let rotation = try rotation(test.scaling, originalLength: test.originalLength)
        #expect(rotation.frequencies.count == test.frequencies.count)
        for (own, recorded) in zip(rotation.frequencies, test.frequencies) {
            // Two units in the last place of a float: its library's powers may be one off.
            #expect(abs(own - recorded) <= 2.4e-7 * recorded)
        }
        #expect(abs(rotation.scale - test.scale) < 1e-12)
        #expect(rotation.growth == nil)
    }

    @Test func dynamicScalingFallsBeyondTheTrainedLength() throws {
        let rotation = try rotation(#"{"rope_type": "dynamic", "factor": 4.0}"#)
        #expect(rotation.growth == .init(factor: 4, trainedLength: 64))
        // What transformers computes for 200 positions: the angle of position 199 is turned back to a frequency.
        let recorded = [1, 0.047216322273015976, 0.002229380654171109, 0.00010526315600145608]
        var x = ReferenceTensor(.f32, zeros: [1, 200, 1, 8])
        for index in 0..<4 { x.values[199 * 8 + index] = 1 }
        let turned = try rotation.reference([x])[0].values
        for (index, frequency) in recorded.enumerated() {
            let angle = 199 * frequency
            let (cosine, sine) = (turned[199 * 8 + index], turned[199 * 8 + 4 + index])
            #expect(abs(cosine * cosine + sine * sine - 1) < 1e-12)
            #expect(abs(cosine * sin(angle) - sine * cos(angle)) < 1e-4)
        }
    }

    @Test(arguments: [
        #"{"rope_type": "spiral", "factor": 2}"#, #"{"factor": 2}"#, #"{"rope_type": 3}"#, #""linear""#,
        #"{"rope_type": "linear"}"#, #"{"rope_type": "linear", "factor": 0}"#,
        #"{"rope_type": "yarn", "factor": "two"}"#, #"{"rope_type": "longrope", "factor": 2, "long_factor": [1, 2]}"#,
        #"{"rope_type": "llama3", "factor": 8, "low_freq_factor": 1}"#,
    ])
    func whatMakesNoSenseIsRefused(_ scaling: String) {
        #expect(throws: AssayError.self) { try rotation(scaling) }
    }

    @Test func oddHeadsCannotBeRotated() {
        #expect(throws: AssayError.self) { try rotation("null", width: 7) }
    }
}
