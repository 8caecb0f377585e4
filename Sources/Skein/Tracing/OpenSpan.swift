import Synchronization
import Tracing

/// A span that has begun. A class, for then the many places that hold none, without a tracer, cost a word each.
final class OpenSpan: Sendable {
    private let span: any Span
    private let hasEnded = Atomic(false)

    init(_ span: any Span) {
        self.span = span
    }

    var context: InstrumentationContext { span.context }
    var isRecording: Bool { span.isRecording }

    var attributes: SpanAttributes {
        get { span.attributes }
        set { span.attributes = newValue }
    }

    /// Ends the span, with an error if there was one. Only the first call counts.
    func end(_ error: (any Error)? = nil) {
        guard !hasEnded.exchange(true, ordering: .acquiringAndReleasing) else { return }
        if let error {
            span.recordError(error)
            span.setStatus(SpanStatus(code: .error))
        }
        span.end()
    }
}
