public import Foundation

/// A built program, run as a process of its own.
public struct Program: Sendable {
    /// What has become of a run.
    public struct Result: Sendable {
        /// The exit code; nil if a signal ended it.
        public let exitCode: Int32?
        /// What it wrote to standard output.
        public let output: String
        /// What it wrote to standard error.
        public let errors: String
    }

    private let name: String

    /// - Parameter name: The product's name.
    public init(_ name: String) {
        self.name = name
    }

    /// Runs the program to its end, on a thread that may block.
    ///
    /// - Parameters:
    ///   - arguments: What the program is given.
    ///   - folder: Where it runs.
    ///   - signal: Sent to the process as soon as it has written so many lines to standard error, and this text.
    ///   - lines: Counts them.
    ///   - text: Nil for none.
    public func run(
        _ arguments: [String],
        in folder: URL,
        sending signal: Int32? = nil,
        afterErrorLines lines: Int = 0,
        with text: String? = nil
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                let result = Swift.Result {
                    try runBlocking(arguments, in: folder, sending: signal, afterErrorLines: lines, with: text)
                }
                continuation.resume(with: result)
            }
        }
    }

    private func runBlocking(
        _ arguments: [String],
        in folder: URL,
        sending signal: Int32?,
        afterErrorLines lines: Int,
        with text: String?
    ) throws -> Result {
        let process = Process()
        process.executableURL = Self.products.appending(path: name)
        process.arguments = arguments
        process.currentDirectoryURL = folder
        let output = Pipe()
        let errors = Pipe()
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        var errorText = Data()
        var lineCount = 0
        var pending = signal
        while case let piece = errors.fileHandleForReading.availableData, !piece.isEmpty {
            errorText += piece
            lineCount += piece.count { $0 == UInt8(ascii: "\n") }
            let isReached = lineCount >= lines && text.map { errorText.range(of: Data($0.utf8)) != nil } ?? true
            if let signal = pending, isReached {
                kill(process.processIdentifier, signal)
                pending = nil
            }
        }
        // The output is a few lines, which a pipe holds until they are read.
        let outputText = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Result(
            exitCode: process.terminationReason == .exit ? process.terminationStatus : nil,
            output: String(decoding: outputText, as: UTF8.self),
            errors: String(decoding: errorText, as: UTF8.self)
        )
    }

    /// Where the package's products are, beside the tests.
    private static var products: URL {
        #if os(macOS)
            for bundle in Bundle.allBundles where bundle.bundlePath.hasSuffix(".xctest") {
                return bundle.bundleURL.deletingLastPathComponent()
            }
        #endif
        return Bundle.main.bundleURL
    }
}
