import Logging

/// Writes what a simulated process logs into the run's trace.
struct TraceLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info
    let node: String
    let trace: SimulationTrace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let metadata = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        let pairs = metadata.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        trace.note(node, "\(event.level): \(event.message) \(pairs)")
    }
}
