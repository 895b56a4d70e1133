// swift-tools-version: 6.2
// Programs that only measurements need, apart from the package that they measure.

import PackageDescription

let package = Package(
    name: "AssayBenchmarks",
    dependencies: [
        .package(name: "Assay", path: ".."),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    ],
    targets: [
        .executableTarget(
            name: "Forward",
            dependencies: [
                .product(name: "Assay", package: "Assay"),
                .product(name: "OrderedCollections", package: "swift-collections"),
            ],
            swiftSettings: [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)])
    ]
)
