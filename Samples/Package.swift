// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "skein-samples",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "bookshop", targets: ["bookshop"]),
        .executable(name: "rebuild", targets: ["rebuild"]),
    ],
    dependencies: [
        .package(name: "skein", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftcsv/SwiftCSV", from: "0.10.0"),
    ],
    targets: [
        .executableTarget(
            name: "bookshop",
            dependencies: [
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Skein", package: "skein"),
                .product(name: "SkeinPostgres", package: "skein"),
                .product(name: "SkeinSQLite", package: "skein"),
                .product(name: "SwiftCSV", package: "SwiftCSV"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            path: "Sources/Bookshop",
            resources: [.copy("Resources/sales.csv")]
        ),
        .executableTarget(
            name: "rebuild",
            dependencies: [
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Skein", package: "skein"),
                .product(name: "SkeinSQLite", package: "skein"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            path: "Sources/Rebuild"
        ),
        .target(name: "SampleTesting", path: "Tests/SampleTesting"),
        .testTarget(
            name: "RebuildTests",
            dependencies: [
                "rebuild",
                "SampleTesting",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Skein", package: "skein"),
                .product(name: "SkeinSQLite", package: "skein"),
                .product(name: "SkeinTesting", package: "skein"),
            ]
        ),
        .testTarget(
            name: "BookshopTests",
            dependencies: [
                "bookshop",
                "SampleTesting",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Skein", package: "skein"),
                .product(name: "SkeinSQLite", package: "skein"),
                .product(name: "SkeinTesting", package: "skein"),
            ]
        ),
    ],
    swiftLanguageModes: [.v6]
)

for target in package.targets {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .strictMemorySafety(),
    ]
}
