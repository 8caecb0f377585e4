import Tracing

/// A span's place in its trace, in the terms of W3C Trace Context (https://www.w3.org/TR/trace-context/).
struct TraceContext: Hashable, Sendable {
    static let sampled: UInt8 = 0x01

    /// Never zero.
    var traceID: UInt128
    /// Never zero.
    var spanID: UInt64
    var flags: UInt8
    /// Carried on as it came, never read.
    var tracestate: String?
}

extension TraceContext {
    /// Reads both headers, strictly: nil if `traceparent` is malformed; a `tracestate` that must not travel is dropped.
    init?(traceparent: String, tracestate: String?) {
        // One byte more than version 00 has: enough to see that a longer text goes on with a dash.
        let bytes = Array(traceparent.utf8.prefix(56))
        guard bytes.count >= 55, [2, 35, 52].allSatisfy({ bytes[$0] == UInt8(ascii: "-") }),
            let version = UInt8(lowerCaseHex: bytes[0..<2]), version != 0xff,
            bytes.count == 55 || (version > 0 && bytes[55] == UInt8(ascii: "-")),
            let traceID = UInt128(lowerCaseHex: bytes[3..<35]), traceID != 0,
            let spanID = UInt64(lowerCaseHex: bytes[36..<52]), spanID != 0,
            let flags = UInt8(lowerCaseHex: bytes[53..<55])
        else { return nil }
        self.traceID = traceID
        self.spanID = spanID
        // Sampled and random; the standard wants the bits it has not defined sent on as zero.
        self.flags = flags & 0x03
        self.tracestate = tracestate.flatMap { Self.mayTravel($0) ? $0 : nil }
    }

    var traceparent: String {
        "00-\(traceID.lowerCaseHex)-\(spanID.lowerCaseHex)-\(flags.lowerCaseHex)"
    }

    /// Up to 512 bytes of printable ASCII: a line break from one peer must not become a header at the next.
    private static func mayTravel(_ tracestate: String) -> Bool {
        1...512 ~= tracestate.utf8.count && tracestate.utf8.allSatisfy { 0x20...0x7e ~= $0 }
    }
}

extension InstrumentationContext {
    private enum TraceContextKey: InstrumentationContextKey {
        typealias Value = TraceContext
        static var nameOverride: String? { "skein-trace" }
    }

    /// The span that a `LoggingTracer` made current or extracted; a span started here becomes its child.
    var traceContext: TraceContext? {
        get { self[TraceContextKey.self] }
        set { self[TraceContextKey.self] = newValue }
    }
}

extension FixedWidthInteger where Self: UnsignedInteger {
    /// Two digits a byte, zero-padded.
    var lowerCaseHex: String {
        let digits = stride(from: Self.bitWidth - 4, through: 0, by: -4).map { shift in
            let digit = UInt8(truncatingIfNeeded: self >> Self(shift)) & 0x0f
            return digit + (digit < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10)
        }
        return String(decoding: digits, as: UTF8.self)
    }

    /// Takes as many digits as it is given: the caller has checked that they fit.
    fileprivate init?(lowerCaseHex digits: ArraySlice<UInt8>) {
        self = 0
        for digit in digits {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): self = self << 4 | Self(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): self = self << 4 | Self(digit - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
    }
}
