// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "skein",
    platforms: [.macOS(.v15), .iOS(.v18), .tvOS(.v18), .watchOS(.v11), .visionOS(.v2)],
    products: [
        .library(name: "Skein", targets: ["Skein"]),
        .library(name: "SkeinSQLite", targets: ["SkeinSQLite"]),
        .library(name: "SkeinPostgres", targets: ["SkeinPostgres"]),
        .library(name: "SkeinTesting", targets: ["SkeinTesting"]),
        .executable(name: "skein", targets: ["SkeinCommandLine"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .target(
            name: "Skein",
            dependencies: [
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ]
        ),
        .target(
            name: "SkeinSQLite",
            dependencies: [
                "Skein",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .systemLibrary(name: "CLibpq", pkgConfig: "libpq", providers: [.apt(["libpq-dev"]), .brew(["libpq"])]),
        .target(
            name: "SkeinPostgres",
            dependencies: [
                "CLibpq",
                "Skein",
                .product(name: "Logging", package: "swift-log"),
            ],
            resources: [.embedInCode("Migrations")]
        ),
        .target(
            name: "SkeinTesting",
            dependencies: [
                "Skein",
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "InMemoryLogging", package: "swift-log"),
                .product(name: "InMemoryTracing", package: "swift-distributed-tracing"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ]
        ),
        .executableTarget(
            name: "SkeinCommandLine",
            dependencies: [
                "CLibpq",
                "Skein",
                "SkeinPostgres",
                "SkeinSQLite",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ]
        ),
        .testTarget(
            name: "SkeinTests",
            dependencies: [
                "Skein",
                "SkeinSQLite",
                .product(name: "InMemoryLogging", package: "swift-log"),
                .product(name: "InMemoryTracing", package: "swift-distributed-tracing"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "MetricsTestKit", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "ServiceLifecycleTestKit", package: "swift-service-lifecycle"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ]
        ),
        .testTarget(
            name: "SkeinSQLiteTests",
            dependencies: [
                "Skein",
                "SkeinSQLite",
                "SkeinTesting",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .testTarget(
            name: "SkeinTestingTests",
            dependencies: [
                "Skein",
                "SkeinSQLite",
                "SkeinTesting",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "InMemoryTracing", package: "swift-distributed-tracing"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycleTestKit", package: "swift-service-lifecycle"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ]
        ),
        // A server, and a proxy before it, for tests and for measuring.
        .target(name: "PostgresServer", dependencies: ["CLibpq"], path: "Tests/PostgresServer"),
        .executableTarget(
            name: "SkeinTorture",
            dependencies: [
                "PostgresServer",
                "Skein",
                "SkeinPostgres",
                "SkeinTesting",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Tests/SkeinTorture"
        ),
        .testTarget(
            name: "SkeinPostgresTests",
            dependencies: [
                "PostgresServer",
                "Skein",
                "SkeinCommandLine",
                "SkeinPostgres",
                "SkeinTesting",
                "SkeinTorture",
                .product(name: "InMemoryLogging", package: "swift-log"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .testTarget(name: "DocumentationTests", dependencies: ["Skein", "SkeinSQLite", "SkeinTesting"]),
    ],
    swiftLanguageModes: [.v6]
)

/// Each flag with the proposal that explains it.
for target in package.targets where target.type != .system {
    target.swiftSettings = [
        // Existential types are written with `any`: SE-0335.
        .enableUpcomingFeature("ExistentialAny"),
        // An import is internal unless a signature needs it: SE-0409.
        .enableUpcomingFeature("InternalImportsByDefault"),
        // A file sees the members of what it imports itself: SE-0444.
        .enableUpcomingFeature("MemberImportVisibility"),
        // An async function runs on its caller's actor: SE-0461.
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ]
}

/// The project's own checks stand no warnings; who depends on the package is not bothered.
if Context.environment["SKEIN_WARNINGS_AS_ERRORS"] != nil {
    for target in package.targets where target.type != .system {
        target.swiftSettings?.append(.treatAllWarnings(as: .error))
    }
}

/// The project's own test run simulates many thousand histories: it has what they run through optimised, and only that.
if Context.environment["SKEIN_OPTIMIZED"] != nil {
    for target in package.targets where ["Skein", "SkeinTesting", "SkeinTestingTests"].contains(target.name) {
        // As whole modules, as a release has them: a fifth less time than file by file.
        let flags = ["-O", "-disable-batch-mode", "-whole-module-optimization", "-num-threads", "2"]
        target.swiftSettings?.append(.unsafeFlags(flags))
    }
}

/// Unsafe constructs are marked where they stand: SE-0458. The targets that wrap C libraries are left out.
for target in package.targets where ["Skein"].contains(target.name) {
    target.swiftSettings?.append(.strictMemorySafety())
}
