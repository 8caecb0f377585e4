import Logging
import Skein
import Synchronization

/// Commits groups of appends and tells their callers; one append's failure never fails another.
final class GroupCommitter: Sendable {
    private let writer: Mutex<AppendWriter>
    private let logger: Logger
    private let whenStored: Reply

    init(_ writer: AppendWriter, logger: Logger, whenStored: @escaping Reply) {
        self.writer = Mutex(writer)
        self.logger = logger
        self.whenStored = whenStored
    }

    func commit(_ appends: [PendingAppend]) {
        for group in AppendGroup.divide(appends) { commit(group) }
    }

    func close() {
        writer.withLock { $0.close() }
    }

    private func commit(_ group: AppendGroup) {
        switch writer.withLock({ $0.store(group) }) {
        case .success(let outcomes):
            for (member, outcome) in zip(group.members, outcomes) { member.answer(outcome) }
            if outcomes.contains(where: \.isStored) { whenStored() }
        case .failure(let error) where error.mayBeOneMembersFault && group.members.count > 1:
            // By halves, so that the others soon have a transaction without the one that failed.
            let members = group.members
            for half in [members[..<(members.count / 2)], members[(members.count / 2)...]] { commit(Array(half)) }
        case .failure(let error):
            logger.warning(
                "an append failed",
                metadata: ["appends": "\(group.members.count)", "error": "\(error)"]
            )
            for member in group.members { member.fail(error) }
        }
    }
}

extension AppendWriter.Outcome {
    fileprivate var isStored: Bool {
        if case .success(.stored) = self { true } else { false }
    }
}

extension EventStoreError {
    /// Whether the statement failed for what it was given, rather than for the state that the server is in.
    fileprivate var mayBeOneMembersFault: Bool {
        switch code {
        case .invalidInput, .corrupt, .full: true
        default: false
        }
    }
}
