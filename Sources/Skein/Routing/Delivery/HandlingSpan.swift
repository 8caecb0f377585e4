import Tracing

/// The span `skein.handle` around what is done with events: a child of the span that led to the event or, if there are
/// several, linked with those that led to each.
struct HandlingSpan: Sendable {
    private let subscription: String
    private let tracer: (any Tracer)?

    /// As many links as tracers keep of a span.
    private static let linkLimit = 128

    init(of subscription: String, _ runtime: BusRuntime) {
        self.subscription = subscription
        tracer = runtime.instruments.tracer
    }

    func around<Value, Failure: Error>(
        _ events: ArraySlice<StoredEvent>,
        _ attempt: Int,
        _ body: () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        guard let tracer, let first = events.first else { return try await body() }
        let isAlone = events.count == 1
        let parent = isAlone ? Self.origin(of: first, tracer) : .topLevel
        let result: Result<Value, Failure> = await tracer.withAnySpan(
            "skein.handle",
            context: parent,
            ofKind: .consumer
        ) { span in
            span.attributes[SpanKey.subscription] = subscription
            span.attributes[SpanKey.aggregate] = first.stream.aggregate
            if isAlone {
                span.attributes[SpanKey.aggregateID] = first.stream.id
                span.attributes[SpanKey.event] = first.name
            } else {
                span.attributes[SpanKey.events] = events.count
                for origin in events.prefix(Self.linkLimit).map({ Self.origin(of: $0, tracer) }) where !origin.isEmpty {
                    span.addLink(SpanLink(context: origin, attributes: [:]))
                }
            }
            span.attributes[SpanKey.position] = first.position
            span.attributes[SpanKey.attempt] = attempt
            do throws(Failure) {
                return .success(try await body())
            } catch {
                span.recordError(error)
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// The span that an event's command was sent in; empty if nobody traced it.
    private static func origin(of event: StoredEvent, _ tracer: any Tracer) -> InstrumentationContext {
        var context = InstrumentationContext.topLevel
        tracer.extract(event.metadata.entries, into: &context, using: EntriesExtractor())
        return context
    }
}
