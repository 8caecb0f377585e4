import Foundation
import Synchronization

/// The built program, run as a process of its own.
enum Program {
    struct Result {
        /// The exit code; nil if a signal ended it.
        let exitCode: Int32?
        let output: String
        let errors: String
    }

    /// Runs the program to its end.
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
        let process = Process()
        process.executableURL = products.appending(path: "bookshop")
        process.arguments = arguments
        process.currentDirectoryURL = folder
        let output = Pipe()
        let errors = Pipe()
        process.standardOutput = output
        process.standardError = errors
        let (exits, exit) = AsyncStream.makeStream(of: Int32?.self)
        process.terminationHandler = { process in
            exit.yield(process.terminationReason == .exit ? process.terminationStatus : nil)
            exit.finish()
        }
        try process.run()
        let id = process.processIdentifier
        async let outputText = text(of: output)
        async let errorText = text(of: errors) { count in
            if let signal, count >= lines { kill(id, signal) }
        }
        return Result(
            exitCode: await exits.first { _ in true } ?? nil,
            output: await outputText,
            errors: await errorText
        )
    }

    /// Reads a pipe to its end; tells the number of lines so far after each piece.
    private static func text(of pipe: Pipe, _ onLines: @escaping @Sendable (Int) -> Void = { _ in }) async -> String {
        let (pieces, piece) = AsyncStream.makeStream(of: Data.self)
        let lines = Mutex(0)
        pipe.fileHandleForReading.readabilityHandler = { handle in
            let data = handle.availableData
            guard !data.isEmpty else { return piece.finish() }
            piece.yield(data)
            onLines(lines.withLock { lines in
                lines += data.count { $0 == UInt8(ascii: "\n") }
                return lines
            })
        }
        let all = await pieces.reduce(into: Data()) { $0 += $1 }
        // Also keeps the pipe open until here: its end would never be told otherwise.
        pipe.fileHandleForReading.readabilityHandler = nil
        return String(decoding: all, as: UTF8.self)
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
