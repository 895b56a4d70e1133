// How the elements of a resized axis are made of those of the input: the methods of tf.image.resize, with half-pixel centres.

import Glibc

/// How elements of a resized axis are found.
public enum ResizeMethod: String, Sendable, Hashable, Codable, CaseIterable {
    /// The nearest element.
    case nearest
    /// Linear between the centres of elements; constant beyond the outer ones.
    case bilinear
    /// Keys's cubic between the centres of elements (a = −½).
    case bicubic
    /// The mean over what an element of the result covers of the input.
    case area
    /// A Gaussian of radius 1.5 and deviation ½.
    case gaussian
    /// A windowed sine of radius 3.
    case lanczos3
    /// A windowed sine of radius 5.
    case lanczos5
    /// The cubic of Mitchell and Netravali (B = C = ⅓).
    case mitchellcubic
}

/// An element of the input and its share in an element of the result.
struct ResizeTap: Sendable {
    let index: Int
    let weight: Double
}

extension ResizeMethod {
    /// The elements that each element of an axis of `output` is made of, for an input of `input` elements.
    ///
    /// - Parameter antialias: whether kernels are widened by the factor by which the axis shrinks.
    func taps(input: Int, output: Int, antialias: Bool) -> [[ResizeTap]] {
        guard input > 0 else { return [[ResizeTap]](repeating: [], count: output) }
        let scale = Double(input) / Double(output)
        return (0..<output).map { index in
            switch self {
            case .nearest: [ResizeTap(index: ResizeMethod.nearest(index, input, output), weight: 1)]
            case .area: ResizeMethod.covered(index, scale, input)
            case .bilinear where !antialias: ResizeMethod.linear(index, scale, input)
            case .bicubic where !antialias: ResizeMethod.cubic(index, input, output)
            default: spread(index, scale, input, width: antialias ? max(scale, 1) : 1)
            }
        }
    }

    /// ⌊(index + ½) · input / output⌋, in Float as TensorFlow computes it: on an edge the rounding decides.
    private static func nearest(_ index: Int, _ input: Int, _ output: Int) -> Int {
        let place = (Float(index) + 0.5) * (Float(input) / Float(output))
        return min(Int(place), input - 1)
    }

    private static func linear(_ index: Int, _ scale: Double, _ input: Int) -> [ResizeTap] {
        let place = max(0, min((Double(index) + 0.5) * scale - 0.5, Double(input - 1)))
        let lower = place.rounded(.down)
        let share = place - lower
        let first = ResizeTap(index: Int(lower), weight: 1 - share)
        return share == 0 ? [first] : [first, ResizeTap(index: Int(lower) + 1, weight: share)]
    }

    private static func covered(_ index: Int, _ scale: Double, _ input: Int) -> [ResizeTap] {
        let (start, end) = (Double(index) * scale, Double(index + 1) * scale)
        return (Int(start)..<min(input, Int(end.rounded(.up)))).map { source in
            ResizeTap(index: source, weight: (min(end, Double(source + 1)) - max(start, Double(source))) / scale)
        }
    }

    /// TensorFlow looks its cubic up in a table of 1024 places from one element to the next, in Float; elements beyond the
    /// ends have no share.
    private static func cubic(_ index: Int, _ input: Int, _ output: Int) -> [ResizeTap] {
        let place = (Float(index) + 0.5) * (Float(input) / Float(output)) - 0.5
        let lower = place.rounded(.down)
        let fraction = Double(((place - lower) * 1024).rounded(.toNearestOrEven)) / 1024
        let near = (-1...2).map { ResizeTap(index: Int(lower) + $0, weight: keys((fraction - Double($0)).magnitude)) }
        return normalized(near.filter { (0..<input).contains($0.index) })
    }

    /// A kernel laid over the elements around a place, `width` times as wide as it is by itself.
    private func spread(_ index: Int, _ scale: Double, _ input: Int, width: Double) -> [ResizeTap] {
        let place = (Double(index) + 0.5) * scale
        let reach = radius * width
        let first = max(0, Int((place - reach - 0.5).rounded(.up)))
        let last = min(input - 1, Int((place + reach - 0.5).rounded(.down)))
        guard first <= last else { return [] }
        return ResizeMethod.normalized(
            (first...last).map { source in
                ResizeTap(index: source, weight: kernel((Double(source) + 0.5 - place).magnitude / width))
            })
    }

    private static func normalized(_ taps: [ResizeTap]) -> [ResizeTap] {
        let sum = taps.reduce(0) { $0 + $1.weight }
        return taps.map { ResizeTap(index: $0.index, weight: $0.weight / sum) }
    }
}

// MARK: Kernels

extension ResizeMethod {
    /// From which distance on the kernel is zero.
    private var radius: Double {
        switch self {
        case .nearest, .area, .bilinear: 1
        case .gaussian: 1.5
        case .bicubic, .mitchellcubic: 2
        case .lanczos3: 3
        case .lanczos5: 5
        }
    }

    /// The kernel at a distance in elements.
    private func kernel(_ x: Double) -> Double {
        guard x < radius else { return 0 }
        switch self {
        case .nearest, .area, .bilinear: return 1 - x
        case .bicubic: return ResizeMethod.keys(x)
        case .gaussian: return exp(-2 * x * x)
        case .lanczos3, .lanczos5:
            guard x > 1e-3 else { return 1 }
            return radius * sin(.pi * x) * sin(.pi * x / radius) / (.pi * .pi * x * x)
        case .mitchellcubic:
            return x < 1
                ? (7.0 / 6 * x - 2) * x * x + 8.0 / 9 : ((2 - 7.0 / 18 * x) * x - 10.0 / 3) * x + 16.0 / 9
        }
    }

    /// The cubic of Keys (1981) with a = −½.
    private static func keys(_ x: Double) -> Double {
        x < 1 ? (1.5 * x - 2.5) * x * x + 1 : x < 2 ? ((2.5 - 0.5 * x) * x - 4) * x + 2 : 0
    }
}
