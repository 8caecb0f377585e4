import InMemoryLogging
import Logging
import Synchronization
import Testing
import Tracing

@testable import Skein

@Suite struct LoggingTracerTests {
    private let handler = InMemoryLogHandler()

    // MARK: - Lines

    @Test func `a finished span is one line with name, level and duration`() throws {
        let span = tracer().startSpan("send", context: .topLevel, at: Self.instant(5_000))
        #expect(handler.entries.isEmpty)
        span.end(at: Self.instant(1_239_567))

        let line = try onlyLine()
        #expect(line.message == "send")
        #expect(line.level == .debug)
        #expect(line.error == nil)
        #expect(
            line.text == ["duration": "1.234ms", "duration_us": "1234", "trace": Self.firstTrace, "span": Self.third]
        )
    }

    @Test(arguments: [
        (0, "0ns"), (999, "999ns"), (1000, "1.000us"), (999_999, "999.999us"), (1_000_000, "1.000ms"),
        (1_050_000, "1.050ms"), (75_001_999_999, "75.001s"),
    ])
    func `a duration is written in its unit`(nanoseconds: UInt64, text: String) throws {
        tracer().startSpan("load", context: .topLevel, at: Self.instant(7)).end(at: Self.instant(7 + nanoseconds))
        let line = try onlyLine().text
        #expect(line["duration"] == text)
        #expect(line["duration_us"] == String(nanoseconds / 1000))
    }

    @Test func `a span that ends before it started lasted nothing`() throws {
        tracer().startSpan("load", context: .topLevel, at: Self.instant(.max)).end(at: Self.instant(0))
        #expect(try onlyLine().text["duration"] == "0ns")
    }

    @Test func `kind, events, links and a new name are on the line`() throws {
        let tracer = tracer()
        let span = tracer.startSpan("old", context: .topLevel, ofKind: .consumer)
        span.operationName = "new"
        span.addEvent("a")
        span.addEvent("b")
        span.addLink(SpanLink(context: .topLevel, attributes: [:]))
        span.end()
        let line = try onlyLine()
        #expect(line.message == "new")
        #expect(line.text["kind"] == "consumer")
        #expect(line.text["events"] == "2")
        #expect(line.text["links"] == "1")
    }

    @Test func `attributes are written by type`() throws {
        let span = tracer().startSpan("decide", context: .topLevel)
        span.updateAttributes { attributes in
            attributes["string"] = "Ada"
            attributes["int"] = -5
            attributes["int32"] = Int32(7)
            attributes["double"] = 1.5
            attributes["bool"] = true
            attributes["strings"] = ["a", "b"]
            attributes["ints"] = [1, 2]
            attributes["doubles"] = [0.5, 2]
            attributes["bools"] = [true, false]
            attributes.set("other", value: .stringConvertible(Logger.Level.info))
            attributes.set("others", value: .stringConvertibleArray([1, "x"]))
        }
        span.end()
        let line = try onlyLine().metadata
        #expect(line["string"] == .string("Ada"))
        #expect(line["int"] == .stringConvertible(-5))
        #expect(line["int32"] == .stringConvertible(7))
        #expect(line["double"] == .stringConvertible(1.5))
        #expect(line["bool"] == .stringConvertible(true))
        #expect(line["strings"] == ["a", "b"])
        #expect(line["ints"] == .array([.stringConvertible(1), .stringConvertible(2)]))
        #expect(line["doubles"] == .array([.stringConvertible(0.5), .stringConvertible(2.0)]))
        #expect(line["bools"] == .array([.stringConvertible(true), .stringConvertible(false)]))
        #expect(line["other"] == .stringConvertible("info"))
        #expect(line["others"] == .array([.stringConvertible(1), .stringConvertible("x")]))
    }

    @Test func `an attribute does not replace what the line says itself`() throws {
        let span = tracer().startSpan("decide", context: .topLevel)
        span.attributes["trace"] = "mine"
        span.end()
        let line = try onlyLine().text
        #expect(line["trace"] == Self.firstTrace)
        #expect(line["attribute.trace"] == "mine")
    }

    @Test func `what is set after the end is ignored`() throws {
        let span = tracer().startSpan("decide", context: .topLevel)
        span.attributes["before"] = 1
        span.end()
        #expect(!span.isRecording)
        span.attributes["after"] = 1
        span.operationName = "other"
        span.recordError(Refused(reason: "late"))
        span.end()
        #expect(span.operationName == "decide")
        #expect(span.attributes.count == 1)
        #expect(try onlyLine().level == .debug)
    }

    @Test func `ended by several tasks, a span is one line`() async {
        let tracer = tracer()
        for round in 1...200 {
            let span = tracer.startSpan("append", context: .topLevel)
            await withTaskGroup { group in
                for task in 0..<8 {
                    group.addTask {
                        span.addEvent("event")
                        span.attributes["task"] = task
                        span.end()
                    }
                }
            }
            #expect(handler.entries.count == round)
        }
    }

    // MARK: - Failures

    @Test func `a thrown error is written at the failure level with type and description`() throws {
        #expect(throws: Refused.self) {
            try tracer().withSpan("send", context: .topLevel) { _ in throw Refused(reason: "no") }
        }
        let line = try onlyLine()
        #expect(line.level == .warning)
        #expect(line.error is Refused)
        #expect(line.text["error.type"]?.hasSuffix(".Refused") == true)
        #expect(line.text["error.message"] == "refused: no")
        #expect(line.text["status"] == nil)
    }

    @Test(arguments: [(String?.none, "error"), ("disk full", "disk full")])
    func `the status alone makes a failure`(message: String?, written: String) throws {
        let span = tracer().startSpan("append", context: .topLevel)
        span.setStatus(SpanStatus(code: .error, message: message))
        span.end()
        let line = try onlyLine()
        #expect(line.level == .warning)
        #expect(line.text["status"] == written)
    }

    @Test func `with status ok an error on the way is told, but is no failure`() throws {
        let span = tracer().startSpan("append", context: .topLevel)
        span.recordError(Refused(reason: "busy"), attributes: ["attempt": 1])
        span.setStatus(SpanStatus(code: .ok))
        span.end()
        let line = try onlyLine()
        #expect(line.level == .debug)
        #expect(line.text["error.message"] == "refused: busy")
        #expect(line.text["error.attempt"] == "1")
    }

    @Test func `a failure is never written below the level of the others`() throws {
        let span = tracer(level: .error, failureLevel: .info).startSpan("send", context: .topLevel)
        span.setStatus(SpanStatus(code: .error))
        span.end()
        #expect(try onlyLine().level == .error)
    }

    // MARK: - Spans that do not record

    @Test func `below the logger's level a span does not record and writes nothing`() {
        let span = tracer(logLevel: .info).startSpan("send", context: .topLevel)
        #expect(!span.isRecording)
        span.attributes["amount"] = 5
        #expect(span.attributes.isEmpty)
        span.end()
        #expect(handler.entries.isEmpty)
    }

    @Test func `a failure is written even if its span did not record`() throws {
        let tracer = tracer(logLevel: .info)
        let span = tracer.startSpan("send", context: .topLevel, at: Self.instant(0))
        span.attributes["amount"] = 5
        span.recordError(Refused(reason: "no"))
        span.end(at: Self.instant(2_000_000))
        let line = try onlyLine()
        #expect(line.level == .warning)
        #expect(line.text["duration"] == "2.000ms")
        #expect(line.text["error.message"] == "refused: no")
        #expect(line.text["amount"] == nil)
    }

    @Test func `no clock is read for a span that can write nothing`() {
        var reads = 0
        func now() -> DefaultTracerClock.Timestamp {
            reads += 1
            return Self.instant(0)
        }
        let span = tracer(logLevel: .critical).startSpan("send", context: .topLevel, at: now())
        span.recordError(Refused(reason: "no"), attributes: [:], at: now())
        span.end(at: now())
        #expect(span.operationName == "send")
        #expect(handler.entries.isEmpty)
        #expect(reads == 0)
    }

    @Test(arguments: [Logger.Level.debug, .info, .critical])
    func `the trace goes on through spans of every level`(logLevel: Logger.Level) throws {
        let tracer = tracer(logLevel: logLevel)
        let outer = tracer.startSpan("outer", context: .topLevel)
        let inner = tracer.startSpan("inner", context: outer.context)
        let trace = try #require(outer.context.traceContext)
        let child = try #require(inner.context.traceContext)
        #expect(child.traceID == trace.traceID)
        #expect(child.spanID != trace.spanID)
        #expect(trace.flags == (logLevel == .debug ? 1 : 0))
    }

    // MARK: - Nesting and ids

    @Test func `a span is the child of the span it is started in`() throws {
        let tracer = tracer()
        tracer.withSpan("outer", context: .topLevel) { _ in
            tracer.withSpan("first") { _ in }
            tracer.withSpan("second") { _ in tracer.withSpan("innermost") { _ in } }
        }
        let lines = Dictionary(uniqueKeysWithValues: handler.entries.map { ("\($0.message)", $0.text) })
        #expect(lines.count == 4)
        #expect(Set(lines.values.map { $0["trace"] }) == [Self.firstTrace])
        #expect(Set(lines.values.map { $0["span"] }).count == 4)
        let outer = try #require(lines["outer"])
        #expect(outer["parent"] == nil)
        #expect(lines["first"]?["parent"] == outer["span"])
        #expect(lines["second"]?["parent"] == outer["span"])
        #expect(lines["innermost"]?["parent"] == lines["second"]?["span"])
    }

    @Test func `a source of ids that gives zero does not make an invalid id`() throws {
        let tracer = LoggingTracer(logger: logger(.info), makeID: { 0 })
        let trace = try #require(tracer.startSpan("send", context: .topLevel).context.traceContext)
        #expect(trace.traceID != 0)
        #expect(trace.spanID != 0)
    }

    @Test func `ids made by default are all different`() {
        let tracer = LoggingTracer(logger: logger(.critical))
        let traces = (1...10_000).compactMap { _ in tracer.startSpan("send", context: .topLevel).context.traceContext }
        #expect(Set(traces.map(\.traceID)).count == 10_000)
        #expect(Set(traces.map(\.spanID)).count == 10_000)
    }

    // MARK: - Between processes

    @Test func `trace id, flags and tracestate survive inject and extract`() throws {
        let tracer = tracer()
        var incoming = InstrumentationContext.topLevel
        let sent = ["traceparent": Self.valid, "tracestate": "vendor=a b,other=1"]
        tracer.extract(sent, into: &incoming, using: Headers())

        let span = tracer.startSpan("handle", context: incoming)
        var outgoing: [String: String] = [:]
        tracer.inject(span.context, into: &outgoing, using: Headers())
        #expect(outgoing["traceparent"] == "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000001-01")
        #expect(outgoing["tracestate"] == "vendor=a b,other=1")

        span.end()
        #expect(try onlyLine().text["parent"] == "00f067aa0ba902b7")
    }

    @Test func `without a span nothing is injected`() {
        var carrier: [String: String] = [:]
        tracer().inject(.topLevel, into: &carrier, using: Headers())
        #expect(carrier.isEmpty)
    }

    @Test(arguments: malformed)
    func `a malformed traceparent is ignored and a new trace starts`(traceparent: String) throws {
        let tracer = tracer()
        var context = InstrumentationContext.topLevel
        tracer.extract(["traceparent": traceparent, "tracestate": "a=1"], into: &context, using: Headers())
        #expect(context.isEmpty)
        tracer.startSpan("handle", context: context).end()
        let line = try onlyLine().text
        #expect(line["trace"] == Self.firstTrace)
        #expect(line["parent"] == nil)
    }

    @Test(arguments: [
        "00-\(ids)-01": 1, "01-\(ids)-01": 1, "cc-\(ids)-01-later": 1, "00-\(ids)-00": 0, "00-\(ids)-ff": 3,
    ])
    func `a later version and unknown flags are read as version 00`(traceparent: String, flags: UInt8) throws {
        let trace = try #require(TraceContext(traceparent: traceparent, tracestate: nil))
        #expect(trace.traceID == 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736)
        #expect(trace.spanID == 0x00f0_67aa_0ba9_02b7)
        #expect(trace.flags == flags)
    }

    @Test(arguments: ["", "a=1\r\nevil: 1", "a=é", String(repeating: "a", count: 513)])
    func `a tracestate that must not travel is dropped, the trace goes on`(tracestate: String) throws {
        let trace = try #require(TraceContext(traceparent: Self.valid, tracestate: tracestate))
        #expect(trace.tracestate == nil)
    }

    // MARK: - Helpers

    private static let ids = "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7"
    private static let valid = "00-\(ids)-01"
    private static let malformed: [String] = [
        "", "00", "00-\(ids)", "00-\(ids)-", "00-\(ids)-1", "00-\(ids)-011", "00-\(ids)-01-", "00-\(ids)-01-00",
        " 00-\(ids)-01", "0-\(ids)-01", "00_\(ids)-01", "00-\(ids)_01", "ff-\(ids)-01", "0g-\(ids)-01", "FF-\(ids)-01",
        "01-\(ids)-01x", "00-\(ids)-+1", "00-\(ids)-0A", "00-\(ids)-é",
        "00-4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00F067AA0BA902B7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e473-600f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
    ]
    private static let firstTrace = "00000000000000010000000000000002"
    private static let third = "0000000000000003"

    private static func instant(_ nanoseconds: UInt64) -> DefaultTracerClock.Timestamp {
        DefaultTracerClock.Timestamp(nanosecondsSinceEpoch: nanoseconds)
    }

    private func logger(_ level: Logger.Level) -> Logger {
        var logger = Logger(label: "tracing", factory: { _ in handler })
        logger.logLevel = level
        return logger
    }

    /// Its ids count up from one.
    private func tracer(
        logLevel: Logger.Level = .debug,
        level: Logger.Level = .debug,
        failureLevel: Logger.Level = .warning
    ) -> LoggingTracer {
        let ids = Counter()
        return LoggingTracer(
            logger: logger(logLevel),
            level: level,
            failureLevel: failureLevel,
            makeID: { ids.next() }
        )
    }

    private func onlyLine() throws -> InMemoryLogHandler.Entry {
        try #require(handler.entries.count == 1)
        return handler.entries[0]
    }
}

private struct Refused: Error, CustomStringConvertible {
    var reason: String
    var description: String { "refused: \(reason)" }
}

private struct Headers: Extractor, Injector {
    func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }
    func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) { carrier[key] = value }
}

private final class Counter: Sendable {
    private let last = Atomic<UInt64>(0)
    func next() -> UInt64 { last.wrappingAdd(1, ordering: .relaxed).newValue }
}

extension InMemoryLogHandler.Entry {
    fileprivate var text: [String: String] { metadata.mapValues { "\($0)" } }
}
