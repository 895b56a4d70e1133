// swift-tools-version: 6.2
// Assay: a toolkit for model files. The modules import each other in one direction only: down this list.
//
// A target names every module whose types it can see, also through others: only then is it built anew when one of them changes
// the layout of a type.

import Foundation
import PackageDescription

let strict: [SwiftSetting] = [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)]

/// One Swift module of `Sources/`, and what it may import.
func module(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// The tests of one module, in `Tests/`.
func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// Whether Debian's static libhdf5 is there. The shared one brings 25 libraries, network code among them, and 6 ms.
let hasStaticHDF5 = ["x86_64", "aarch64"].contains { machine in
    FileManager.default.fileExists(atPath: "/usr/lib/\(machine)-linux-gnu/libhdf5_serial.a")
}

/// The modules that the façade joins.
let parts: [Target.Dependency] = [
    "AssayTensors", "AssayContainers", "AssayGraph", "AssayOperators", "AssayArchitectures", "AssayKeras",
    "AssayHuggingFace",
    "AssayONNX", "AssayValidation", "AssayExecution", "AssayEquivalence", "AssayStatistics", "AssayReports",
]

let orderedCollections = Target.Dependency.product(name: "OrderedCollections", package: "swift-collections")

let package = Package(
    name: "Assay",
    products: [
        .library(name: "Assay", targets: ["Assay"]),
        .executable(name: "assay", targets: ["AssayCommand"]),
        .executable(name: "assay-hdf5", targets: ["HDF5Helper"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        // Without its traits it needs FoundationEssentials alone, which starts faster than Foundation.
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0", traits: []),
    ],
    targets: [
        .systemLibrary(name: "CHDF5", pkgConfig: hasStaticHDF5 ? nil : "hdf5", providers: [.apt(["libhdf5-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "COpenBLAS", pkgConfig: nil, providers: [.apt(["libopenblas-dev"])]),
        .target(name: "CFiles"),
        .target(name: "CKernels", dependencies: ["COpenBLAS"]),
        module("AssayTensors", ["CFiles", "CKernels", orderedCollections]),
        module("AssayContainers", ["AssayTensors", "CKernels", "CZlib", "CZstd", orderedCollections]),
        module("AssayGraph", ["AssayTensors", orderedCollections]),
        module("AssayOperators", ["AssayGraph", "AssayTensors", "CKernels"]),
        .executableTarget(name: "EmbedFiles", swiftSettings: strict),
        .plugin(name: "EmbedSpecifications", capability: .buildTool(), dependencies: ["EmbedFiles"]),
        .target(
            name: "AssayArchitectures",
            dependencies: ["AssayOperators", "AssayGraph", "AssayTensors", orderedCollections],
            swiftSettings: strict, plugins: ["EmbedSpecifications"]),
        module("AssayKeras", ["AssayContainers", "AssayOperators", "AssayGraph", "AssayTensors", orderedCollections]),
        module(
            "AssayHuggingFace",
            [
                "AssayContainers", "AssayArchitectures", "AssayOperators", "AssayGraph", "AssayTensors",
                orderedCollections,
            ]),
        .target(
            name: "AssayONNX",
            dependencies: [
                "AssayContainers", "AssayOperators", "AssayGraph", "AssayTensors", orderedCollections,
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ],
            exclude: ["Schema/onnx-subset.proto"], swiftSettings: strict),
        module("AssayValidation", ["AssayArchitectures", "AssayOperators", "AssayGraph", "AssayTensors"]),
        module("AssayExecution", ["AssayOperators", "AssayGraph", "AssayTensors", orderedCollections]),
        module("AssayEquivalence", ["AssayExecution", "AssayOperators", "AssayGraph", "AssayTensors", "CKernels"]),
        module(
            "AssayStatistics", ["AssayExecution", "AssayOperators", "AssayGraph", "AssayTensors", orderedCollections]),
        module(
            "AssayReports",
            [
                "AssayStatistics", "AssayEquivalence", "AssayValidation", "AssayExecution", "AssayArchitectures",
                "AssayOperators", "AssayGraph", "AssayTensors",
            ]),
        module("Assay", parts),
        .executableTarget(
            name: "AssayCommand",
            dependencies: parts + ["Assay", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: strict),
        .executableTarget(
            name: "HDF5Helper", dependencies: ["CHDF5"], swiftSettings: strict,
            linkerSettings: hasStaticHDF5
                ? [":libhdf5_serial.a", "sz", "z", "m"].map { .linkedLibrary($0) } : []),
        .target(
            name: "AssayTestSupport", dependencies: ["AssayContainers", "AssayTensors", "CZstd", orderedCollections],
            path: "Tests/AssayTestSupport",
            swiftSettings: strict),
        tests("AssayArchitecturesTests", ["AssayArchitectures", "AssayOperators", "AssayGraph", "AssayTensors"]),
        tests(
            "AssayEquivalenceTests",
            ["AssayEquivalence", "AssayExecution", "AssayOperators", "AssayGraph", "AssayTensors"]),
        tests("AssayGraphTests", ["AssayOperators", "AssayGraph", "AssayTensors", orderedCollections]),
        tests(
            "AssayValidationTests",
            [
                "AssayHuggingFace", "AssayValidation", "AssayExecution", "AssayContainers", "AssayArchitectures",
                "AssayOperators", "AssayGraph", "AssayTensors", "AssayTestSupport", orderedCollections,
            ]),
        tests(
            "AssayExecutionTests",
            ["AssayExecution", "AssayOperators", "AssayGraph", "AssayTensors", "AssayTestSupport", orderedCollections]),
        tests(
            "AssayKerasTests",
            [
                "AssayKeras", "AssayExecution", "AssayOperators", "AssayContainers", "AssayGraph", "AssayTensors",
                "AssayTestSupport",
            ]),
        tests(
            "AssayHuggingFaceTests",
            [
                "AssayHuggingFace", "AssayArchitectures", "AssayContainers", "AssayOperators", "AssayGraph",
                "AssayTensors",
                "AssayTestSupport", orderedCollections,
            ]),
        tests(
            "AssayONNXTests",
            [
                "AssayONNX", "AssayExecution", "AssayOperators", "AssayContainers", "AssayGraph", "AssayTensors",
                "AssayTestSupport",
            ]),
        tests(
            "AssayStatisticsTests",
            ["AssayStatistics", "AssayExecution", "AssayOperators", "AssayGraph", "AssayTensors", orderedCollections]),
        tests(
            "AssayOperatorsTests",
            ["AssayOperators", "AssayGraph", "AssayContainers", "AssayTensors", "AssayTestSupport"]),
        tests(
            "FuzzTests",
            [
                "AssayKeras", "AssayONNX", "AssayContainers", "AssayOperators", "AssayGraph", "AssayTensors",
                "AssayTestSupport",
            ]),
        tests("AssayTensorsTests", ["AssayTensors", "AssayContainers", "CKernels", "AssayTestSupport"]),
        tests(
            "AssayContainersTests",
            ["AssayContainers", "AssayTensors", "AssayTestSupport", "CZstd", orderedCollections]),
        tests("ConformanceTests", parts + ["Assay", "AssayTestSupport"]),
        tests("CommandTests", parts + ["AssayTestSupport"]),
    ]
)
