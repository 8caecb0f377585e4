import Logging
import Metrics
import Tracing

/// What a bus tells the outside about itself: spans, metrics and log lines.
final class Instruments: Sendable {
    let tracer: (any Tracer)?
    let metrics: BusMetrics
    let logger: Logger

    init(_ configuration: BusConfiguration) {
        let tracer = configuration.tracer ?? InstrumentationSystem.tracer
        self.tracer = tracer is NoOpTracer ? nil : tracer
        metrics = BusMetrics(factory: configuration.metrics ?? MetricsSystem.factory)
        logger = configuration.logger
    }

    /// Starts a span if there is a tracer; the caller ends it.
    func span(
        _ name: String,
        in context: InstrumentationContext? = nil,
        kind: SpanKind = .internal
    ) -> (any Span)? {
        guard let tracer else { return nil }
        return tracer.startSpan(name, context: context ?? .current ?? .topLevel, ofKind: kind)
    }

    /// Starts a span of something that is done to an aggregate.
    func span(_ name: String, of stream: StreamID, in context: InstrumentationContext?) -> (any Span)? {
        guard let span = span(name, in: context) else { return nil }
        if span.isRecording {
            span.attributes[SpanKey.aggregate] = stream.aggregate
            span.attributes[SpanKey.aggregateID] = stream.id
        }
        return span
    }
}

extension (any Span)? {
    /// Ends the span, with an error if there was one.
    func end(_ error: (any Error)? = nil) {
        guard let self else { return }
        if let error {
            self.recordError(error)
            self.setStatus(SpanStatus(code: .error))
        }
        self.end()
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
