// MelSpectrogram: the power of a signal in bands of the mel scale, over windows of time.

import AssayGraph
import AssayOperators
import AssayTensors
import Glibc

/// The transform of each window is a convolution with sines and cosines; bands are triangles on the mel scale.
struct MelSpectrogramLayer: KerasLayer {
    static let classNames = ["MelSpectrogram"]

    private let transformLength: Int
    private let windowLength: Int
    private let stride: Int
    private let window: String?
    private let bandCount: Int
    private let samplingRate: Double
    private let frequencies: (least: Double, greatest: Double)
    private let exponent: Double
    /// Nil where powers are given as they are.
    private let decibels: Decibels?

    /// How powers become decibels.
    private struct Decibels {
        let range: Double
        let least: Double
        let reference: Double
    }

    /// The longest transform: its sines and cosines are a constant of the graph.
    private static let longestTransform = 1 << 12

    init(_ configuration: KerasConfiguration) throws(AssayError) {
        transformLength = try configuration.count("fft_length", default: 2048)
        windowLength = try configuration.count("sequence_length", default: transformLength)
        stride = try configuration.count("sequence_stride", default: 512)
        window = configuration["window"]?.string
        bandCount = try configuration.count("num_mel_bins", default: 128)
        samplingRate = try configuration.number("sampling_rate", default: 16000)
        frequencies = (
            try configuration.number("min_freq", default: 20),
            try configuration.number("max_freq", default: samplingRate / 2)
        )
        exponent = try configuration.number("mag_exp", default: 2)
        guard try configuration.boolean("power_to_db", default: true) else {
            decibels = nil
            return
        }
        decibels = Decibels(
            range: try configuration.number("top_db", default: 80),
            least: try configuration.number("min_power", default: 1e-10),
            reference: try configuration.number("ref_power", default: 1))
    }

    func call(_ call: KerasCall) throws(AssayError) -> [ValueID] {
        let x = try call.input()
        guard try call.shape(of: x).count == 2, transformLength <= MelSpectrogramLayer.longestTransform,
            windowLength <= transformLength, ["hann", "hamming", nil].contains(window), bandCount <= 1 << 16
        else { throw call.configuration.notRunnable("its transform is too long, or its window not known") }
        let half = transformLength / 2
        let padded = try call.add(Pad(amounts: [[0, 0], [half, half]], mode: .reflect, value: 0), x)
        let transform = try call.add(
            Convolution(strides: [stride], padding: .valid, dilations: [1]),
            call.add(ExpandDims(axes: [-1]), padded), constant(waves, [transformLength, 1, 2 * (half + 1)], x, call))
        let parts = try call.addAll(Split(axis: -1, sizes: [half + 1, half + 1]), [transform])
        let power = try call.add(
            Binary(.add), call.add(Unary(.square), parts[0]), call.add(Unary(.square), parts[1]))
        let raised = try call.add(
            Binary(.power), call.add(Unary(.sqrt), power), call.scalar(exponent, like: power))
        let bands = try call.add(Linear(), raised, constant(triangles, [half + 1, bandCount], x, call))
        let result = try decibels.map { (scale) throws(AssayError) in try inDecibels(bands, scale, call) } ?? bands
        return [try call.add(Transpose(order: [0, 2, 1]), result)]
    }

    private func inDecibels(_ x: ValueID, _ scale: Decibels, _ call: KerasCall) throws(AssayError) -> ValueID {
        let floored = try call.add(Binary(.maximum), x, call.scalar(scale.least, like: x))
        let level = try call.add(
            Binary(.multiply), call.add(Unary(.log10), floored), call.scalar(10, like: x))
        let reference = 10 * log10(max(abs(scale.reference), scale.least))
        let relative = try call.add(Binary(.subtract), level, call.scalar(reference, like: x))
        let loudest = try call.add(Reduce(.max, axes: nil, keepDimensions: false), relative)
        return try call.add(
            Binary(.maximum), relative, call.add(Binary(.subtract), loudest, call.scalar(scale.range, like: x)))
    }

    private func constant(_ values: [Double], _ shape: Shape, _ like: ValueID, _ call: KerasCall) -> ValueID {
        call.constant(
            call.fact(of: like).type == .f64
                ? Tensor(values, shape: shape) : Tensor(values.map { Float($0) }, shape: shape)
        )
    }

    /// `[sample, cosines then sines]`, under the window in the middle.
    private var waves: [Double] {
        let before = (transformLength - windowLength) / 2
        return (0..<transformLength).flatMap { sample in
            let place = sample - before
            let weight = (0..<windowLength).contains(place) ? shape(at: Double(place) / Double(windowLength)) : 0
            let angles = (0...transformLength / 2).map { frequency in
                2 * Double.pi * Double(frequency * sample % transformLength) / Double(transformLength)
            }
            return angles.map { weight * cos($0) } + angles.map { -weight * sin($0) }
        }
    }

    /// The window at a share of its length.
    private func shape(at share: Double) -> Double {
        switch window {
        case "hann": 0.5 - 0.5 * cos(2 * Double.pi * share)
        case "hamming": 0.54 - 0.46 * cos(2 * Double.pi * share)
        default: 1
        }
    }

    /// `[frequency, band]`: triangles that rise from the middle of the band before and fall to that of the next.
    private var triangles: [Double] {
        let (first, last) = (mel(frequencies.least), mel(frequencies.greatest))
        let edges = (0..<bandCount + 2).map { first + (last - first) * Double($0) / Double(bandCount + 1) }
        let half = transformLength / 2
        return (0...half).flatMap { frequency -> [Double] in
            // The constant part of the signal belongs to no band.
            guard frequency > 0 else { return [Double](repeating: 0, count: bandCount) }
            let place = mel(samplingRate / 2 * Double(frequency) / Double(half))
            return (0..<bandCount).map { band in
                let rise = (place - edges[band]) / (edges[band + 1] - edges[band])
                let fall = (edges[band + 2] - place) / (edges[band + 2] - edges[band + 1])
                return max(0, min(rise, fall))
            }
        }
    }

    private func mel(_ hertz: Double) -> Double { 1127 * log(1 + hertz / 700) }
}
