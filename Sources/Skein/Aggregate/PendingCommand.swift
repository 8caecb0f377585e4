import Synchronization

/// A command, or a wish to read, on its way through an aggregate's mailbox.
///
/// Everything between the typed edges of the bus is free of generics: unspecialised generic code, which is what a
/// framework in a module of its own runs, spends most of its time on looking types up.
final class PendingCommand: Sendable {
    typealias Outcome = Result<Answer, CommandFailure>

    /// What wakes a waiting sender.
    enum Signal {
        case lead
        case answered(Outcome)
    }

    private enum Phase {
        case queued
        case claimed
        case answered
    }

    private struct State {
        var phase = Phase.queued
        var continuation: CheckedContinuation<Signal, Never>?
        var signal: Signal?
        var dropReason: CommandFailure?

        mutating func answer(_ outcome: Outcome) -> CheckedContinuation<Signal, Never>? {
            phase = .answered
            signal = .answered(outcome)
            defer { continuation = nil }
            return continuation
        }
    }

    let content: any CommandContent
    /// Whether the aggregate is only read.
    let isRead: Bool
    let id: CommandID
    let fingerprint: UInt64
    let expectedVersion: ExpectedVersion
    let deadline: Duration?
    let metadata: EventMetadata
    let span: OpenSpan?
    /// Open while the command waits in the mailbox.
    private let waitSpan: OpenSpan?
    /// When the command was admitted; nil if nobody measures.
    let admittedAt: Duration?
    private let state = Mutex(State())

    init(
        _ content: any CommandContent,
        id: CommandID,
        fingerprint: UInt64 = 0,
        expectedVersion: ExpectedVersion = .any,
        deadline: Duration? = nil,
        metadata: EventMetadata = EventMetadata(),
        span: OpenSpan? = nil,
        waitSpan: OpenSpan? = nil,
        admittedAt: Duration? = nil
    ) {
        self.content = content
        isRead = content.isRead
        self.id = id
        self.fingerprint = fingerprint
        self.expectedVersion = expectedVersion
        self.deadline = deadline
        self.metadata = metadata
        self.span = span
        self.waitSpan = waitSpan
        self.admittedAt = admittedAt
    }

    /// Whether nobody waits for an answer any more.
    var isAnswered: Bool {
        state.withLock { $0.phase == .answered }
    }

    /// Waits to be answered or to be given the lead. Cancelling the task takes the command back, if it is not too late.
    func wait() async -> Signal {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let signal: Signal? = state.withLock { state in
                    if let signal = state.signal { return signal }
                    state.continuation = continuation
                    return nil
                }
                if let signal { continuation.resume(returning: signal) }
            }
        } onCancel: {
            drop(because: .other(.cancelled))
        }
    }

    /// Takes the command back: at once if it is queued, before it is decided if it was claimed, else not at all.
    func drop(because reason: CommandFailure) {
        let continuation: CheckedContinuation<Signal, Never>? = state.withLock { state in
            switch state.phase {
            case .queued:
                return state.answer(.failure(reason))
            case .claimed:
                state.dropReason = state.dropReason ?? reason
                return nil
            case .answered:
                return nil
            }
        }
        continuation?.resume(returning: .answered(.failure(reason)))
    }

    /// Reserves the command for the batch that is being made; false if it was taken back.
    func claim() -> Bool {
        state.withLock { state in
            guard state.phase == .queued else { return false }
            state.phase = .claimed
            return true
        }
    }

    /// Ends the span of waiting, the first time.
    func endWait() {
        waitSpan?.end()
    }

    /// Why a claimed command must not be decided any more; nil if it may.
    func reasonToDrop(at now: Duration?) -> CommandFailure? {
        if let reason = state.withLock({ $0.dropReason }) { return reason }
        guard let deadline, let now, now >= deadline else { return nil }
        return .other(.deadlineExceeded)
    }

    /// Ends a claimed command and wakes its sender.
    func answer(_ outcome: Outcome) {
        let continuation = state.withLock { $0.answer(outcome) }
        continuation?.resume(returning: .answered(outcome))
    }

    /// Claims the command and hands the lead to its sender; false if it was taken back.
    func promote() -> Bool {
        let (isPromoted, continuation) = state.withLock { state in
            guard state.phase == .queued else { return (false, nil as CheckedContinuation<Signal, Never>?) }
            // Claimed, so that taking the command back cannot lose the lead.
            state.phase = .claimed
            state.signal = .lead
            defer { state.continuation = nil }
            return (true, state.continuation)
        }
        continuation?.resume(returning: .lead)
        return isPromoted
    }

    /// The answer, after the sender itself has led.
    var outcome: Outcome? {
        state.withLock { state in
            if case .answered(let outcome)? = state.signal { outcome } else { nil }
        }
    }
}

/// The typed part of an answer, which only the typed edge looks into: a ``TypedAnswer``.
@usableFromInline
typealias AnswerContent = any AnyObject & Sendable

/// What a command or a read comes to.
@usableFromInline
struct Answer: Sendable {
    @usableFromInline var commandID: CommandID
    @usableFromInline var version: Int64
    @usableFromInline var position: Int64
    @usableFromInline var isRepeated = false
    @usableFromInline var content: AnswerContent
}

/// Why a command was not carried out, without the type of its rejection.
///
/// Indirect, for it is passed on many times and looked into once.
@usableFromInline
indirect enum CommandFailure: Error {
    case rejected(any DomainRejection)
    case other(CommandError<Never>)
}
