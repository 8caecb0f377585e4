public import Skein

/// Judges what clients and subscribers saw against what is in the store's log at the end.
///
/// It never asks the framework: it takes the history and the raw events. Whatever the aggregates are, it finds lost,
/// torn, repeated and unexplained effects, gaps, and subscriptions that do not equal the log. For each type in ``checks``
/// it replays the log and judges every answer by the aggregate's own `decide`. The time that it takes grows with the
/// history's length and a little more.
public struct HistoryChecker: Sendable {
    /// What depends on the types of aggregates: ``LinearizabilityCheck``, ``Invariant``.
    public var checks: [any HistoryCheck]

    /// What the subscriptions are; one that is not named here is durable and gets every event.
    public var subscriptions: [ObservedSubscription]

    /// Whether positions may be missing, because streams were deleted for good.
    public var allowsPositionGaps = false

    /// Streams that were deleted for good: commands to them are not checked.
    public var deletedStreams: Set<StreamID> = []

    /// Whether there may be events of commands that are not in the history.
    public var allowsForeignCommands = false

    private let decoding: EventDecoding

    /// Creates a checker. Keep it for many histories: it remembers what it has decoded.
    public init(
        checks: [any HistoryCheck] = [],
        subscriptions: [ObservedSubscription] = [],
        coder: any EventCoder = JSONEventCoder()
    ) {
        self.checks = checks
        self.subscriptions = subscriptions
        decoding = EventDecoding(coder)
    }

    /// Everything that is wrong; empty if all is well.
    ///
    /// - Parameters:
    ///   - history: What was seen.
    ///   - log: All events of the store, in the order in which it gives them.
    public func check(_ history: History, against log: [StoredEvent]) -> [Violation] {
        let run = CheckedRun(history, log, decoding)
        guard run.problems.isEmpty else { return run.problems }
        var violations: [Violation] = []
        LogCheck(allowsPositionGaps: allowsPositionGaps).check(run, &violations)
        EffectCheck(allowsForeignCommands: allowsForeignCommands, deletedStreams: deletedStreams)
            .check(run, &violations)
        OutcomeCheck(deletedStreams: deletedStreams).check(run, &violations)
        SubscriptionCheck(subscriptions, deletedStreams: deletedStreams).check(run, &violations)
        for check in checks { violations += check.violations(in: run) }
        return violations
    }

    /// Everything that is in a store's log, page by page.
    public static func readLog(of store: any EventStore) async throws(EventStoreError) -> [StoredEvent] {
        var events: [StoredEvent] = []
        var position: Int64 = 0
        let limit = min(1_000, store.limits.pageSize)
        while true {
            let page = try await store.readLog(from: position, direction: .forward, filter: .all, limit: limit)
            events += page.events
            guard page.scannedThrough > position, page.scannedThrough < page.head else { return events }
            position = page.scannedThrough
        }
    }
}
