// Convolutions and poolings: random cases through every runner, and the shapes of each padding.

import AssayGraph
import AssayTensors
import Testing

@testable import AssayOperators

/// Paddings for `axes` spatial axes; the causal one for one axis alone.
private func paddings(axes: Int) -> [ConvolutionPadding] {
    [.valid, .same, .explicit((0..<axes).map { [1, $0] })] + (axes == 1 ? [.causal] : [])
}

/// Spatial extents, kernel, strides and dilations.
private let windows: [(input: [Int], kernel: [Int], strides: [Int], dilations: [Int])] = [
    ([9], [3], [1], [1]), ([9], [4], [2], [1]), ([11], [3], [1], [3]), ([7], [1], [1], [1]),
    ([6, 7], [3, 2], [1, 1], [1, 1]), ([7, 6], [2, 3], [2, 3], [1, 1]), ([8, 7], [3, 2], [1, 1], [2, 1]),
    ([3, 4], [1, 1], [1, 1], [1, 1]), ([4, 5, 3], [2, 3, 2], [1, 2, 1], [1, 1, 1]),
]

let convolutionCases: [OperatorCase] = {
    var random = RandomOperands(seed: 21)
    var cases: [OperatorCase] = []
    for (index, (input, kernel, strides, dilations)) in windows.enumerated() {
        for padding in paddings(axes: input.count) {
            for channelsFirst in [false, true] {
                let order = ChannelOrder(channelsFirst: channelsFirst)
                let groups = 1 + index % 3
                let (batch, width, units) = (1 + index % 3, 2, 4 * groups)
                let operation = Convolution(
                    strides: strides, padding: padding, dilations: dilations, groups: groups,
                    channelsFirst: channelsFirst)
                let x = random.reals(order.shape(batch, input, width * groups))
                let bias = index % 2 == 0 ? random.reals([units]) : nil
                let name = "\(input) by \(kernel), strides \(strides), dilations \(dilations), \(padding)"
                cases.append(
                    OperatorCase(
                        channelsFirst ? name + ", channels first" : name, operation,
                        [x, random.reals(kernel + [width, units]), bias]))
            }
        }
    }
    return cases
}()

let depthwiseCases: [OperatorCase] = {
    var random = RandomOperands(seed: 22)
    var cases: [OperatorCase] = []
    for (index, (input, kernel, strides, dilations)) in windows.enumerated() {
        for padding in paddings(axes: input.count) {
            for channelsFirst in [false, true] {
                let multiplier = 1 + index % 2
                let operation = DepthwiseConvolution(
                    strides: strides, padding: padding, dilations: dilations, channelsFirst: channelsFirst)
                let x = random.reals(ChannelOrder(channelsFirst: channelsFirst).shape(2, input, 3))
                let bias = index % 3 == 0 ? nil : random.reals([3 * multiplier])
                let name = "\(input) by \(kernel), strides \(strides), dilations \(dilations), \(padding)"
                cases.append(OperatorCase(name, operation, [x, random.reals(kernel + [3, multiplier]), bias]))
            }
        }
    }
    return cases
}()

let transposedCases: [OperatorCase] = {
    var random = RandomOperands(seed: 23)
    var cases: [OperatorCase] = []
    for (index, (input, kernel, strides, dilations)) in windows.enumerated() {
        for padding in paddings(axes: input.count) where padding != .causal {
            for channelsFirst in [false, true] {
                let groups = 1 + index % 2
                let operation = TransposedConvolution(
                    strides: strides, padding: padding,
                    outputPadding: index % 3 == 0 ? strides.map { $0 - 1 } : nil, dilations: dilations,
                    groups: groups, channelsFirst: channelsFirst)
                let x = random.reals(ChannelOrder(channelsFirst: channelsFirst).shape(2, input, 2 * groups))
                let bias = index % 2 == 0 ? random.reals([3 * groups]) : nil
                let name = "\(input) by \(kernel), strides \(strides), dilations \(dilations), \(padding)"
                cases.append(OperatorCase(name, operation, [x, random.reals(kernel + [3, 2 * groups]), bias]))
            }
        }
    }
    return cases
}()

let poolingCases: [OperatorCase] = {
    var random = RandomOperands(seed: 24)
    var cases: [OperatorCase] = []
    for (input, size, strides, _) in windows {
        for padding in paddings(axes: input.count) {
            for (kind, countsPadding) in [(PoolingKind.max, false), (.average, false), (.average, true)] {
                for channelsFirst in [false, true] {
                    let operation = Pooling(
                        kind, size: size, strides: strides, padding: padding, channelsFirst: channelsFirst,
                        countsPadding: countsPadding)
                    let x = random.reals(ChannelOrder(channelsFirst: channelsFirst).shape(3, input, 5))
                    cases.append(
                        OperatorCase("\(kind) of \(input) by \(size), strides \(strides), \(padding)", operation, [x]))
                }
            }
        }
    }
    for kind in [PoolingKind.max, .average] {
        let operation = Pooling(
            kind, size: [2, 3], strides: [1, 2], padding: .explicit([[1, 0], [2, 2]]), dilations: [3, 2])
        cases.append(OperatorCase("\(kind), dilated", operation, [random.reals([2, 7, 9, 3])]))
    }
    for columnMajor in [false, true] {
        for (input, size, dilation) in [([9], [3], 2), ([5, 7], [2, 3], 1), ([4, 5, 6], [2, 2, 2], 2)] {
            let ones = input.map { _ in 1 }
            let operation = PoolingPlaces(
                size: size, strides: ones, dilations: ones.map { _ in dilation },
                padding: .explicit(ones.map { _ in [1, 1] }), columnMajor: columnMajor)
            cases.append(OperatorCase("\(input) by \(size)", operation, [random.reals([2, 3] + input)]))
        }
    }
    return cases
}()

let resizeCases: [OperatorCase] = {
    var random = RandomOperands(seed: 26)
    var cases: [OperatorCase] = []
    let targets: [([Int], ResizeTarget)] = [
        ([3], .factors([3])), ([1, 4], .factors([2, 3])), ([3, 2], .extents([4, 5])), ([7, 9], .extents([3, 4])),
        ([2, 3, 2], .factors([2, 1, 3])),
    ]
    for (input, target) in targets {
        for method in ResizeMethod.allCases {
            for isOther in [false, true] {
                let x = random.reals(ChannelOrder(channelsFirst: isOther).shape(2, input, 3))
                cases.append(
                    OperatorCase(
                        "\(input) to \(target), \(method)",
                        Resize(to: target, method: method, antialias: isOther, channelsFirst: isOther), [x]))
            }
        }
    }
    return cases
}()

/// Large enough for several threads and several blocks of positions.
private let largeCases: [OperatorCase] = {
    var random = RandomOperands(seed: 25)
    let x = random.reals([2, 30, 31, 16])
    let plain = (strides: [1, 1], dilations: [1, 1])
    return [
        OperatorCase(
            "blocks", Convolution(strides: plain.strides, padding: .same, dilations: plain.dilations),
            [x, random.reals([5, 5, 16, 24])]),
        OperatorCase(
            "pointwise", Convolution(strides: plain.strides, padding: .same, dilations: plain.dilations),
            [x, random.reals([1, 1, 16, 40])]),
        OperatorCase(
            "lines", DepthwiseConvolution(strides: plain.strides, padding: .same, dilations: plain.dilations),
            [x, random.reals([5, 5, 16, 1])]),
        OperatorCase(
            "units", TransposedConvolution(strides: [2, 2], padding: .same, dilations: plain.dilations),
            [x, random.reals([3, 3, 130, 16])]),
        OperatorCase("lines", Pooling(.max, size: [4, 4], strides: plain.strides, padding: .same), [x]),
    ]
}()

@Suite struct ConvolutionTests {
    @Test(arguments: convolutionCases) func convolutionAgreesWithReference(_ test: OperatorCase) throws {
        try test.check()
    }

    @Test(arguments: depthwiseCases) func depthwiseAgreesWithReference(_ test: OperatorCase) throws {
        try test.check()
    }

    @Test(arguments: transposedCases) func transposedAgreesWithReference(_ test: OperatorCase) throws {
        try test.check()
    }

    @Test(arguments: poolingCases) func poolingAgreesWithReference(_ test: OperatorCase) throws {
        try test.check()
    }

    @Test(arguments: resizeCases) func upsamplingAgreesWithReference(_ test: OperatorCase) throws {
        try test.check()
    }

    @Test(arguments: largeCases) func threadsChangeNothing(_ test: OperatorCase) throws {
        try test.checkThreads()
        let double = try test.fast(Double.self, threads: 2)
        let float = try test.fast(Float.self, threads: 2)
        double[0].expectClose(float[0], relative: 2e-5, test.name)
    }

    @Test func symbolicExtents() throws {
        let x = Fact(.f32, [.symbolic("batch"), .symbolic("n"), 2])
        let kernel = Fact(.f32, [3, 2, 5])
        let shapes = try [ConvolutionPadding.valid, .same, .causal, .explicit([[1, 1]])].map { padding in
            try Convolution(strides: [1], padding: padding, dilations: [1]).infer([x, kernel])[0].shape?.text
        }
        #expect(shapes == ["[batch, n - 2, 5]", "[batch, n, 5]", "[batch, n, 5]", "[batch, (n + 2) - 2, 5]"])
    }

    @Test func shapeRuleNamesWhatIsWrong() {
        let x = Fact(.f32, [1, 4, 2])
        let plain = Convolution(strides: [1], padding: .valid, dilations: [1])
        #expect(throws: AssayError.self) { try plain.infer([x, Fact(.f32, [5, 2, 3])]) }
        #expect(throws: AssayError.self) { try plain.infer([x, Fact(.f32, [3, 3, 3])]) }
        #expect(throws: AssayError.self) { try plain.infer([x, Fact(.f32, [0, 2, 3])]) }
        #expect(throws: AssayError.self) { try plain.infer([x, Fact(.f32, [3, 2, 3]), Fact(.f32, [2])]) }
        for strides in [[0], [-1], [1, 1], [Int.max]] {
            let wrong = Convolution(strides: strides, padding: .valid, dilations: [1])
            #expect(throws: AssayError.self) { try wrong.infer([x, Fact(.f32, [3, 2, 3])]) }
        }
        let padded = Convolution(strides: [1], padding: .explicit([[Int.max, 1]]), dilations: [1])
        #expect(throws: AssayError.self) { try padded.infer([x, Fact(.f32, [3, 2, 3])]) }
        let grouped = Convolution(strides: [1], padding: .valid, dilations: [1], groups: 2)
        #expect(throws: AssayError.self) { try grouped.infer([x, Fact(.f32, [3, 1, 3])]) }
    }
}
