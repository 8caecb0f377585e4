import Dispatch
import Skein

/// Looks for the server's answer to a lone append, so that the thread need not be woken up for it.
///
/// Only where answers usually come in time: a slow disk, or a server far away, would have a processor look for nothing.
struct AnswerWatch: Sendable {
    /// In nanoseconds; zero never looks.
    private let limit: UInt64
    /// How long answers took lately, in nanoseconds; the last one counts an eighth.
    private var usual: UInt64 = 0

    init(atMost limit: Duration) {
        let (seconds, attoseconds) = limit.components
        self.limit = UInt64(max(seconds * 1_000_000_000 + attoseconds / 1_000_000_000, 0))
    }

    /// Whether the next answer is looked for.
    var isWorthwhile: Bool { usual < limit }

    /// Receives an answer, which is looked for if that is worth while.
    mutating func receive<Answer: ~Copyable, Failure>(
        isHere: () -> Bool,
        _ receive: () throws(Failure) -> Answer
    ) throws(Failure) -> Answer {
        let start = DispatchTime.now().uptimeNanoseconds
        if isWorthwhile { BusyWait.wait(atMost: limit, until: isHere) }
        defer { note(DispatchTime.now().uptimeNanoseconds - start) }
        return try receive()
    }

    /// Notes how long an answer took, in nanoseconds.
    mutating func note(_ nanoseconds: UInt64) {
        usual = usual - usual / 8 + nanoseconds / 8
    }
}
