import Logging
import Metrics
import Tracing

/// What a bus tells the outside about itself: spans, metrics and log lines.
final class Instruments: Sendable {
    let tracer: (any Tracer)?
    let metrics: BusMetrics
    let logger: Logger
    /// Whether there is a tracer. To look at this costs less.
    private let isTracing: Bool

    init(_ configuration: BusConfiguration) {
        let tracer = configuration.tracer ?? InstrumentationSystem.tracer
        isTracing = !(tracer is NoOpTracer)
        self.tracer = isTracing ? tracer : nil
        metrics = BusMetrics(factory: configuration.metrics ?? MetricsSystem.factory)
        logger = configuration.logger
    }

    /// Starts a span if there is a tracer; the caller ends it.
    func span(_ name: String, in parent: OpenSpan? = nil) -> OpenSpan? {
        guard isTracing, let tracer else { return nil }
        return OpenSpan(tracer.startSpan(name, context: parent?.context ?? .current ?? .topLevel, ofKind: .internal))
    }

    /// Starts a span of something that is done to an aggregate.
    func span(_ name: String, of stream: StreamID, in parent: OpenSpan?) -> OpenSpan? {
        guard isTracing, let span = span(name, in: parent) else { return nil }
        if span.isRecording {
            span.attributes[SpanKey.aggregate] = stream.aggregate
            span.attributes[SpanKey.aggregateID] = stream.id
        }
        return span
    }
}

/// The names of the attributes that Skein's spans carry.
enum SpanKey {
    static let aggregate = "skein.aggregate"
    static let aggregateID = "skein.aggregate.id"
    static let command = "skein.command"
    static let commandID = "skein.command.id"
    static let commands = "skein.commands"
    static let events = "skein.events"
    static let event = "skein.event"
    static let eventID = "skein.event.id"
    static let position = "skein.position"
    static let version = "skein.version"
    static let subscription = "skein.subscription"
    static let attempt = "skein.attempt"
}
