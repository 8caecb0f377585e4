public import Logging
import Synchronization
public import Tracing

/// A tracer that writes each finished span as one log line, so that traces are seen without a tracing back end.
///
/// The message is the span's operation name. The metadata holds `duration` (for people) and `duration_us`; `trace`,
/// `span` and `parent` in hexadecimal; `kind`, `events` and `links` where there is something to say; `error.type`,
/// `error.message` and `status` of a failure; and the attributes. An attribute that has one of these names is
/// written as `attribute.NAME`.
///
/// Whether a span records is decided when it starts, by the logger's level at that time. One that does not record
/// keeps nothing but what a failure would need, and still carries the trace on.
public final class LoggingTracer: Tracer {
    let logger: Logger
    let level: Logger.Level
    let failureLevel: Logger.Level
    private let makeID: @Sendable () -> UInt64

    /// Creates a tracer; make it the process's own with `InstrumentationSystem.bootstrap`.
    ///
    /// - Parameters:
    ///   - logger: Takes the lines. Its log level decides which spans are written.
    ///   - level: The level of a span's line.
    ///   - failureLevel: The level if the span failed; at least `level`.
    ///   - makeID: Gives the next span id; a trace id takes two. Zero, which is no valid id, is replaced.
    public init(
        logger: Logger,
        level: Logger.Level = .debug,
        failureLevel: Logger.Level = .warning,
        makeID: (@Sendable () -> UInt64)? = nil
    ) {
        self.logger = logger
        self.level = level
        self.failureLevel = max(level, failureLevel)
        self.makeID = makeID ?? RandomIDs.next
    }

    /// Starts a span, as a child of the context's span if it has one, else in a new trace.
    public func startSpan<Instant: TracerInstant>(
        _ operationName: String,
        context: @autoclosure () -> InstrumentationContext,
        ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant,
        function: String,
        file fileID: String,
        line: UInt
    ) -> LoggingSpan {
        var context = context()
        let parent = context.traceContext
        let isRecording = logger.logLevel <= level
        let trace = parent.map(child) ?? root(isSampled: isRecording)
        context.traceContext = trace
        guard isRecording || logger.logLevel <= failureLevel else {
            return LoggingSpan(operationName, context: context, record: nil)
        }
        let record = SpanRecord(
            operationName: operationName,
            kind: kind,
            trace: trace,
            parentID: parent?.spanID,
            start: instant().nanosecondsSinceEpoch,
            source: SpanRecord.Source(function: function, fileID: fileID, line: line),
            tracer: self,
            isRecording: isRecording
        )
        return LoggingSpan(operationName, context: context, record: record)
    }

    /// Does nothing: a line is written when its span ends.
    public func forceFlush() {}

    private func child(of parent: TraceContext) -> TraceContext {
        var child = parent
        child.spanID = nextID()
        return child
    }

    private func root(isSampled: Bool) -> TraceContext {
        let traceID = UInt128(makeID()) << 64 | UInt128(nextID())
        return TraceContext(traceID: traceID, spanID: nextID(), flags: isSampled ? TraceContext.sampled : 0)
    }

    private func nextID() -> UInt64 {
        let id = makeID()
        return id == 0 ? .max : id
    }
}

extension LoggingTracer {
    /// Reads `traceparent` and `tracestate`; leaves the context as it is if there is no valid `traceparent`.
    public func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier,
        into context: inout InstrumentationContext,
        using extractor: Extract
    ) where Extract.Carrier == Carrier {
        guard let traceparent = extractor.extract(key: "traceparent", from: carrier) else { return }
        let tracestate = extractor.extract(key: "tracestate", from: carrier)
        guard let trace = TraceContext(traceparent: traceparent, tracestate: tracestate) else { return }
        context.traceContext = trace
    }

    /// Writes `traceparent` and `tracestate`; nothing if the context has no span.
    public func inject<Carrier, Inject: Injector>(
        _ context: InstrumentationContext,
        into carrier: inout Carrier,
        using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let trace = context.traceContext else { return }
        injector.inject(trace.traceparent, forKey: "traceparent", into: &carrier)
        guard let tracestate = trace.tracestate else { return }
        injector.inject(tracestate, forKey: "tracestate", into: &carrier)
    }
}

/// SplitMix64 over one atomic counter: no lock, no system call, and no id twice in a process.
private enum RandomIDs {
    private static let counter = Atomic<UInt64>(.random(in: .min ... .max))
    /// Gives each process a permutation of its own, so that overlapping counters do not mean equal trace ids.
    private static let key = UInt64.random(in: .min ... .max)

    @Sendable static func next() -> UInt64 {
        var id = counter.wrappingAdd(0x9e37_79b9_7f4a_7c15, ordering: .relaxed).newValue
        id = (id ^ (id >> 30)) &* 0xbf58_476d_1ce4_e5b9
        id = (id ^ key ^ (id >> 27)) &* 0x94d0_49bb_1331_11eb
        return id ^ (id >> 31)
    }
}
