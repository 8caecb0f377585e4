import Foundation

/// A program of this package, built beside the tests and run as a process of its own.
enum BuiltProgram {
    /// The program that tortures the store.
    static var torture: String { path(of: "SkeinTorture") }

    /// The command line.
    static var skein: String { path(of: "skein") }

    private static func path(of name: String) -> String {
        #if os(macOS)
            for bundle in Bundle.allBundles where bundle.bundlePath.hasSuffix(".xctest") {
                return bundle.bundleURL.deletingLastPathComponent().appending(path: name).path
            }
        #endif
        return Bundle.main.bundleURL.appending(path: name).path
    }
}
