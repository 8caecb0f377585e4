public import InMemoryLogging
public import InMemoryTracing
import Logging
public import Skein

/// Keeps the spans and the log lines of a bus in memory, without bootstrapping anything for the whole process.
///
///     let recording = Recording()
///     recording.record(&configuration)
public struct Recording: Sendable {
    /// The spans; ids are counted up from 1.
    public let tracer = InMemoryTracer()

    /// The log lines, of all levels.
    public let log: InMemoryLogHandler

    /// Creates an empty recording; several buses may share it.
    public init() {
        var log = InMemoryLogHandler()
        log.logLevel = .trace
        self.log = log
    }

    /// Makes a bus with this configuration write into the recording.
    public func record(_ configuration: inout BusConfiguration) {
        configuration.tracer = tracer
        configuration.logger = Logger(label: "skein") { [log] _ in log }
    }

    /// The spans that have ended, in the order of their ends.
    public var spans: [FinishedInMemorySpan] { tracer.finishedSpans }

    /// The spans of one name that have ended, such as `skein.append`.
    public func spans(named name: String) -> [FinishedInMemorySpan] {
        spans.filter { $0.operationName == name }
    }

    /// The log as text, `warning: An event handler failed… attempt=1 position=7`, the metadata sorted by name.
    public var lines: [String] {
        log.entries.map { entry in
            let metadata = entry.metadata.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }
            return "\(entry.level): \(entry.message)" + metadata.joined()
        }
    }
}
