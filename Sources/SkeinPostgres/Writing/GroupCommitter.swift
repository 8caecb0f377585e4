import Dispatch
import Logging
import Skein
import Synchronization

/// Commits groups of appends and tells their callers; one append's failure never fails another.
///
/// Everything is called on the writer's queue.
final class GroupCommitter: Sendable {
    private let writer: Mutex<AppendWriter>
    private let pace: Mutex<CommitPace>
    private let logger: Logger
    private let whenStored: Reply

    init(_ writer: AppendWriter, pace: CommitPace, logger: Logger, whenStored: @escaping Reply) {
        self.writer = Mutex(writer)
        self.pace = Mutex(pace)
        self.logger = logger
        self.whenStored = whenStored
    }

    /// Commits appends and, while two groups take turns, those that arrive meanwhile. Returns for how many callers to wait
    /// before the next call.
    func commit(_ appends: [PendingAppend], from queue: GroupQueue<PendingAppend>) -> Int {
        var backlog = AppendBacklog(appends)
        var answers = SettledAppends()
        var hasNews = false
        commitRunning(&backlog)
        var sent = send(&backlog)
        while let group = sent {
            let takesTurns = pace.withLock { $0.takesTurns }
            if takesTurns {
                prepare(&backlog, from: queue, beside: group.group, giving: &answers)
            } else {
                answers.giveAll()
            }
            let late = answers.count
            answers.add(settle(group, &hasNews))
            pace.withLock { $0.note(group.members.count, at: DispatchTime.now().uptimeNanoseconds) }
            // Nobody waits for his answer until a lost connection is back.
            if !writer.withLock({ $0.isConnected }) { answers.giveAll() }
            commitRunning(&backlog)
            sent = send(&backlog)
            // The others are told when the server has work again, or the callers have their answers: it wakes a thread up.
            guard sent != nil else {
                answers.giveAll()
                tell(&hasNews)
                return takesTurns ? group.members.count / 2 : group.members.count
            }
            tell(&hasNews)
            answers.give(late)
        }
        return 0
    }

    func close() {
        writer.withLock { $0.close() }
    }

    /// Commits appends that run something, several of them at a time, while no group is being stored.
    private func commitRunning(_ backlog: inout AppendBacklog) {
        var waiting = backlog.takeRunning()[...]
        while !waiting.isEmpty {
            let outcomes = writer.withLock { $0.storeRunning(waiting) }
            for (member, outcome) in zip(waiting, outcomes) {
                if case .failure(let error) = outcome, error.cause is PostgresFailure {
                    logger.warning("an append failed", metadata: ["appends": "1", "error": "\(error)"])
                }
                member.answer(outcome)
            }
            if outcomes.contains(where: \.isStored) { whenStored() }
            waiting = waiting.dropFirst(max(outcomes.count, 1))
        }
    }

    private func send(_ backlog: inout AppendBacklog) -> OutgoingGroup? {
        guard var group = backlog.takeNext() else { return nil }
        writer.withLock { $0.begin(&group) }
        return group
    }

    /// While a group is being stored, tells the callers of the one before and writes down what they and others bring.
    ///
    /// Both by little and little, so that the server does not wait for the next group.
    private func prepare(
        _ backlog: inout AppendBacklog,
        from queue: GroupQueue<PendingAppend>,
        beside group: AppendGroup,
        giving answers: inout SettledAppends
    ) {
        var isStored = false
        while true {
            if backlog.hasRoom {
                let further = queue.takeFurther(beside: backlog.next.members.count, bytes: backlog.next.bytes)
                backlog.add(further, beside: group)
                writer.withLock { $0.prepare(&backlog.next, capacity: group.members.count) }
            }
            if isStored { return }
            answers.give(32)
            isStored = writer.withLock { $0.isAnswered(within: answers.isEmpty ? 1 : 0) }
        }
    }

    private func tell(_ hasNews: inout Bool) {
        if hasNews { whenStored() }
        hasNews = false
    }

    private func settle(_ group: OutgoingGroup, _ hasNews: inout Bool) -> [SettledAppend] {
        let members = group.members
        switch writer.withLock({ $0.finish(group) }) {
        case .success(let outcomes):
            if outcomes.contains(where: \.isStored) { hasNews = true }
            return zip(members, outcomes).map { SettledAppend(append: $0, outcome: $1) }
        case .failure(let error) where error.mayBeOneMembersFault && members.count > 1:
            // By halves, so that the others soon have a transaction without the one that failed.
            return settle(members[..<(members.count / 2)], &hasNews) + settle(members[(members.count / 2)...], &hasNews)
        case .failure(let error):
            logger.warning(
                "an append failed",
                metadata: ["appends": "\(members.count)", "error": "\(error)"]
            )
            return members.map { SettledAppend(append: $0, outcome: .failure(error)) }
        }
    }

    private func settle(_ members: ArraySlice<PendingAppend>, _ hasNews: inout Bool) -> [SettledAppend] {
        var backlog = AppendBacklog(Array(members))
        var settled: [SettledAppend] = []
        while let group = send(&backlog) { settled += settle(group, &hasNews) }
        return settled
    }
}

extension AppendWriter.Outcome {
    fileprivate var isStored: Bool {
        if case .success(.stored) = self { true } else { false }
    }
}

extension EventStoreError {
    /// Whether the statement failed for what it was given, rather than for the state that the server is in.
    var mayBeOneMembersFault: Bool {
        switch code {
        case .invalidInput, .corrupt, .full: true
        default: false
        }
    }
}
