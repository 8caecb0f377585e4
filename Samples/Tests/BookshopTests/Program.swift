import Foundation

/// The built program, run as a process of its own.
enum Program {
    struct Result {
        /// The exit code; nil if a signal ended it.
        let exitCode: Int32?
        let output: String
        let errors: String
    }

    /// Runs the program to its end, on a thread that may block.
    ///
    /// - Parameters:
    ///   - signal: Sent to the process as soon as it has written so many lines to standard error.
    ///   - lines: Counts them.
    static func run(
        _ arguments: [String],
        in folder: URL,
        sending signal: Int32? = nil,
        afterErrorLines lines: Int = 0
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                let result = Swift.Result {
                    try runBlocking(arguments, in: folder, sending: signal, afterErrorLines: lines)
                }
                continuation.resume(with: result)
            }
        }
    }

    private static func runBlocking(
        _ arguments: [String],
        in folder: URL,
        sending signal: Int32?,
        afterErrorLines lines: Int
    ) throws -> Result {
        let process = Process()
        process.executableURL = products.appending(path: "bookshop")
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
            if let signal = pending, lineCount >= lines {
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
