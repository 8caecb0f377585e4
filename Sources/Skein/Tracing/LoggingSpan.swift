import Logging
import Synchronization
public import Tracing

/// A span of a `LoggingTracer`; it is written when it ends.
///
/// The first `end` counts, and what is set after it is ignored. All of it may be used from several tasks at once,
/// but changing one attribute replaces them all: let one task do that.
public struct LoggingSpan: Span {
    /// The context for what happens within the span.
    public let context: InstrumentationContext
    private let startName: String
    /// Nil if no outcome of the span would be logged.
    private let record: SpanRecord?

    init(_ operationName: String, context: InstrumentationContext, record: SpanRecord?) {
        self.context = context
        self.startName = operationName
        self.record = record
    }

    /// The message of the span's line; it can be changed until the end.
    public var operationName: String {
        get { record?.read { $0.operationName } ?? startName }
        nonmutating set { record?.update { $0.operationName = newValue } }
    }

    /// The attributes set so far; always empty if the span does not record.
    public var attributes: SpanAttributes {
        get { record?.read { $0.attributes } ?? [:] }
        nonmutating set { record?.updateIfRecording { $0.attributes = newValue } }
    }

    /// Whether the line of this span will hold its attributes: the logger's level allowed it and it has not ended.
    public var isRecording: Bool {
        guard let record, record.isRecording else { return false }
        return record.read { !$0.isEnded }
    }

    /// Sets the outcome; with `ok` an error recorded on the way does not make the span a failure.
    public func setStatus(_ status: SpanStatus) {
        record?.update { $0.status = status }
    }

    /// Counts the event.
    public func addEvent(_ event: SpanEvent) {
        record?.updateIfRecording { $0.events += 1 }
    }

    /// Counts the link.
    public func addLink(_ link: SpanLink) {
        record?.updateIfRecording { $0.links += 1 }
    }

    /// Makes the span a failure, also if it does not record; of several errors the last one is written.
    public func recordError<Instant: TracerInstant>(
        _ error: any Error,
        attributes: SpanAttributes,
        at instant: @autoclosure () -> Instant
    ) {
        record?.update {
            $0.error = error
            $0.errorAttributes = attributes
        }
    }

    /// Ends the span and writes its line; only the first call does.
    public func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
        guard let record, let state = record.end() else { return }
        record.write(state, end: instant().nanosecondsSinceEpoch)
    }
}

/// What a span that may be written holds until its end.
final class SpanRecord: Sendable {
    struct Source {
        var function: String
        var fileID: String
        var line: UInt
    }

    struct State {
        var operationName: String
        var attributes: SpanAttributes = [:]
        var events = 0
        var links = 0
        var status: SpanStatus?
        var error: (any Error)?
        var errorAttributes: SpanAttributes = [:]
        var isEnded = false

        var hasFailed: Bool {
            status.map { $0.code == .error } ?? (error != nil)
        }
    }

    let isRecording: Bool
    private let kind: SpanKind
    private let trace: TraceContext
    private let parentID: UInt64?
    private let start: UInt64
    private let source: Source
    private let tracer: LoggingTracer
    private let state: Mutex<State>

    init(
        operationName: String,
        kind: SpanKind,
        trace: TraceContext,
        parentID: UInt64?,
        start: UInt64,
        source: Source,
        tracer: LoggingTracer,
        isRecording: Bool
    ) {
        self.isRecording = isRecording
        self.kind = kind
        self.trace = trace
        self.parentID = parentID
        self.start = start
        self.source = source
        self.tracer = tracer
        self.state = Mutex(State(operationName: operationName))
    }

    func read<Value: Sendable>(_ value: (State) -> Value) -> Value {
        state.withLock { value($0) }
    }

    func update(_ change: (inout State) -> Void) {
        state.withLock { state in
            if !state.isEnded { change(&state) }
        }
    }

    func updateIfRecording(_ change: (inout State) -> Void) {
        if isRecording { update(change) }
    }

    /// The final state the first time, if there is a line to write.
    func end() -> State? {
        state.withLock { state in
            guard !state.isEnded else { return nil }
            state.isEnded = true
            return isRecording || state.hasFailed ? state : nil
        }
    }

    func write(_ state: State, end: UInt64) {
        tracer.logger.log(
            level: state.hasFailed ? tracer.failureLevel : tracer.level,
            "\(state.operationName)",
            error: state.error,
            metadata: metadata(state, end: end),
            file: source.fileID,
            function: source.function,
            line: source.line
        )
    }
}

extension SpanRecord {
    private static let reservedNames: Set = [
        "duration", "duration_us", "trace", "span", "parent", "kind", "events", "links", "status", "error.type",
        "error.message",
    ]

    private func metadata(_ state: State, end: UInt64) -> Logger.Metadata {
        var metadata = Logger.Metadata(minimumCapacity: Self.reservedNames.count + state.attributes.count)
        state.attributes.forEach { name, value in
            metadata[Self.reservedNames.contains(name) ? "attribute.\(name)" : name] = value.metadataValue
        }
        // The clock of the instants may have been set back in between.
        let nanoseconds = end > start ? end - start : 0
        metadata["duration"] = "\(readable(nanoseconds: nanoseconds))"
        metadata["duration_us"] = .stringConvertible(nanoseconds / 1000)
        metadata["trace"] = "\(trace.traceID.lowerCaseHex)"
        metadata["span"] = "\(trace.spanID.lowerCaseHex)"
        metadata["parent"] = parentID.map { "\($0.lowerCaseHex)" }
        metadata["kind"] = kind.name.map { "\($0)" }
        metadata["events"] = state.events > 0 ? .stringConvertible(state.events) : nil
        metadata["links"] = state.links > 0 ? .stringConvertible(state.links) : nil
        describeFailure(state, in: &metadata)
        return metadata
    }

    /// The names are swift-log's own; the error goes along as well, but handlers before `log(event:)` do not see it.
    private func describeFailure(_ state: State, in metadata: inout Logger.Metadata) {
        if let error = state.error {
            state.errorAttributes.forEach { metadata["error.\($0)"] = $1.metadataValue }
            metadata["error.type"] = "\(String(reflecting: type(of: error)))"
            metadata["error.message"] = "\(error)"
        }
        if state.hasFailed, let status = state.status?.message ?? (state.error == nil ? "error" : nil) {
            metadata["status"] = "\(status)"
        }
    }
}

/// In the unit that leaves one to three digits before the point: `850ns`, `12.345us`, `1.234ms`, `75.000s`.
private func readable(nanoseconds: UInt64) -> String {
    func decimal(_ unit: UInt64, _ name: String) -> String {
        let thousandths = String(nanoseconds % unit / (unit / 1000))
        return "\(nanoseconds / unit).\(String(repeating: "0", count: 3 - thousandths.count))\(thousandths)\(name)"
    }
    return switch nanoseconds {
    case ..<1000: "\(nanoseconds)ns"
    case ..<1_000_000: decimal(1000, "us")
    case ..<1_000_000_000: decimal(1_000_000, "ms")
    default: decimal(1_000_000_000, "s")
    }
}

extension SpanKind {
    /// Nil for the common case, which the line leaves out.
    fileprivate var name: String? {
        switch self {
        case .server: "server"
        case .client: "client"
        case .producer: "producer"
        case .consumer: "consumer"
        case .internal: nil
        }
    }
}

extension SpanAttribute {
    fileprivate var metadataValue: Logger.MetadataValue? {
        switch self {
        case .int32(let value): .stringConvertible(value)
        case .int64(let value): .stringConvertible(value)
        case .double(let value): .stringConvertible(value)
        case .bool(let value): .stringConvertible(value)
        case .string(let value): .string(value)
        case .stringConvertible(let value): .stringConvertible(value)
        case .int32Array(let values): .array(values.map { .stringConvertible($0) })
        case .int64Array(let values): .array(values.map { .stringConvertible($0) })
        case .doubleArray(let values): .array(values.map { .stringConvertible($0) })
        case .boolArray(let values): .array(values.map { .stringConvertible($0) })
        case .stringArray(let values): .array(values.map { .string($0) })
        case .stringConvertibleArray(let values): .array(values.map { .stringConvertible($0) })
        // The module asks for a default: a case to come is left out, not trapped on.
        default: nil
        }
    }
}
