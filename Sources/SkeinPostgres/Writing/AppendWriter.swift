import Logging
import Skein

/// Stores groups of appends over a connection of its own.
///
/// Not thread-safe: the writer's queue is its home.
struct AppendWriter: Sendable {
    /// What became of an append.
    typealias Outcome = Result<AppendResult, EventStoreError>

    private let source: ConnectionSource
    private let known: KnownVersions
    private var connection: PostgresConnection?
    private var parameters = Parameters()

    init(_ source: ConnectionSource, _ known: KnownVersions) {
        self.source = source
        self.known = known
    }

    private var configuration: PostgresConfiguration { source.configuration }

    /// Stores a group. The error, if there is one, is everyone's; otherwise each member has an outcome of its own.
    mutating func store(_ group: AppendGroup) -> Result<[Outcome], EventStoreError> {
        Result { () throws(EventStoreError) in
            let now = configuration.time.now()
            if let outcomes = try storeOptimistically(group, at: now) { return outcomes }
            return try storeChecked(group, at: now)
        }
    }

    mutating func close() {
        connection = nil
    }

    // MARK: The optimistic way

    private mutating func storeOptimistically(
        _ group: AppendGroup,
        at now: Timestamp
    ) throws(EventStoreError) -> [Outcome]? {
        let connection = try connected()
        guard let (versions, deletions) = versions(before: group) else { return nil }
        parameters.removeAll()
        var statement = AppendStatement.single
        if versions.count > 1 || !group.writeSingle(to: &parameters, version: versions[0], deletions: deletions, at: now) {
            statement = AppendStatement.optimistic
            group.writeOptimistic(to: &parameters, versions: versions, deletions: deletions, at: now)
        }
        let rows: Rows
        do {
            rows = try connection.run(statement, parameters, until: source.answerDeadline)
        } catch {
            // A unique key says that something is there already; what it is, the checked way finds out.
            if error.sqlState == "23505" { return nil }
            throw failed(error)
        }
        guard rows.count == 1 else {
            try learnDeletions(connection)
            return nil
        }
        let events = group.members.reduce(0) { $0 + $1.append.eventCount }
        guard let base = rows.integer(0, 0), rows.integer(0, 1) == Int64(events) else {
            throw EventStoreError(.outcomeUnknown, "what was stored cannot be understood")
        }
        return outcomes(of: group, after: base, versions: versions, deletions: deletions, at: now)
    }

    /// The version of each member's stream, if it is known and the member may rely on it, and the number of deletions
    /// under which it is known.
    private func versions(before group: AppendGroup) -> (versions: [Int64], deletions: Int64)? {
        for member in group.members where !member.planned.isPlain || member.append.commands.isEmpty { return nil }
        let (found, deletions) = known.versions(of: group.members.lazy.map(\.append.stream))
        var versions: [Int64] = []
        versions.reserveCapacity(group.members.count)
        for (member, found) in zip(group.members, found) {
            let version: Int64
            switch member.append.expected {
            // A new stream begins with version 1, which the unique key lets in once.
            case .noStream, .exactly(0): version = 0
            case .any, .streamExists, .exactly:
                guard let found, member.append.expected.allows(found) else { return nil }
                version = found
            }
            guard !version.addingReportingOverflow(Int64(member.append.eventCount)).overflow else { return nil }
            versions.append(version)
        }
        return (versions, deletions)
    }

    private func outcomes(
        of group: AppendGroup,
        after base: Int64,
        versions: [Int64],
        deletions: Int64,
        at now: Timestamp
    ) -> [Outcome] {
        var position = base
        var reached: [(Int64, StreamID)] = []
        reached.reserveCapacity(versions.count)
        let outcomes: [Outcome] = zip(group.members, versions).map { member, before in
            let version = before + Int64(member.append.eventCount)
            position += version - before
            reached.append((version, member.append.stream))
            let recordedAt = member.append.recordedAt ?? now
            return .success(.stored(AppendReceipt(version: version, position: position, recordedAt: recordedAt)))
        }
        known.note(reached, deletions: deletions)
        return outcomes
    }

    // MARK: The checked way

    private mutating func storeChecked(_ group: AppendGroup, at now: Timestamp) throws(EventStoreError) -> [Outcome] {
        let connection = try connected()
        let deletions = known.deletions
        parameters.removeAll()
        group.writeChecked(to: &parameters, at: now)
        let rows: Rows
        do {
            rows = try connection.run(AppendStatement.checked, parameters, until: source.answerDeadline)
        } catch {
            throw failed(error)
        }
        guard rows.count == group.members.count else {
            throw EventStoreError(.outcomeUnknown, "the function append_events answers for \(rows.count) appends")
        }
        var verdicts: [AppendVerdict] = []
        for row in 0..<rows.count { verdicts.append(try AppendVerdict(rows, row)) }
        let asked = zip(group.members, verdicts).filter(\.1.isKnown).flatMap { $0.0.append.commands.map(\.id) }
        // The others are stored: what goes wrong here is no matter of theirs.
        let found = asked.isEmpty ? .success([:]) : knownCommands(asked, connection)
        return zip(group.members, verdicts).map { member, verdict in
            if case .stored(let version, _) = verdict {
                known.note(version, of: member.append.stream, deletions: deletions)
            }
            return outcome(of: member.append, verdict, found, at: now)
        }
    }

    private func outcome(
        of append: StreamAppend,
        _ verdict: AppendVerdict,
        _ found: Result<[CommandID: KnownCommand], EventStoreError>,
        at now: Timestamp
    ) -> Outcome {
        Result { () throws(EventStoreError) in
            switch verdict {
            case .stored(let version, let position):
                let receipt = AppendReceipt(version: version, position: position, recordedAt: append.recordedAt ?? now)
                return .stored(receipt)
            case .known:
                let found = try found.get()
                let known = append.commands.compactMap { found[$0.id] }
                guard !known.isEmpty else { throw EventStoreError(.transient, "a known command was just deleted") }
                return .known(known)
            case .deleted:
                throw EventStoreError(.streamDeleted, "the stream was deleted")
            case .conflict(let version):
                try append.expected.check(version)
                throw EventStoreError(.transient, "the stream's version has changed")
            case .duplicate(let id):
                throw EventStoreError(.duplicateEvent(id), "the event id \(id) is stored already")
            }
        }
    }

    private mutating func knownCommands(
        _ commands: [CommandID],
        _ connection: PostgresConnection
    ) -> Result<[CommandID: KnownCommand], EventStoreError> {
        let source = source
        return Result { () throws(EventStoreError) in
            try reading { try connection.outcomes(of: commands, until: source.answerDeadline) }
        }
    }

    // MARK: The connection

    private mutating func connected() throws(EventStoreError) -> PostgresConnection {
        if let connection, connection.isAlive { return connection }
        connection = nil
        let fresh = try source.reopen()
        try learnDeletions(fresh)
        connection = fresh
        return fresh
    }

    private mutating func learnDeletions(_ connection: PostgresConnection) throws(EventStoreError) {
        let source = source
        known.startOver(deletions: try reading { try connection.head(until: source.answerDeadline).deletions })
    }

    private mutating func reading<Value>(_ body: () throws -> Value) throws(EventStoreError) -> Value {
        do {
            return try body()
        } catch {
            if let failure = error as? PostgresFailure, failure.losesConnection { connection = nil }
            throw EventStoreError(postgres: error, during: .reading)
        }
    }

    /// What a failed append means to its callers.
    private mutating func failed(_ failure: PostgresFailure) -> EventStoreError {
        if failure.losesConnection { connection = nil }
        return EventStoreError(failure, during: .writing)
    }
}

/// What the database says of one append.
private enum AppendVerdict {
    case stored(version: Int64, position: Int64)
    case known
    case deleted
    case conflict(version: Int64)
    case duplicate(EventID)

    var isKnown: Bool {
        if case .known = self { true } else { false }
    }

    init(_ rows: borrowing Rows, _ row: Int) throws(EventStoreError) {
        switch (
            rows.smallInteger(row, 0), rows.integer(row, 1), rows.integer(row, 2), rows.id(row, 3, as: EventID.self)
        ) {
        case (0, let version?, let position?, _): self = .stored(version: version, position: position)
        case (1, _, _, _): self = .known
        case (2, _, _, _): self = .deleted
        case (3, let version?, _, _): self = .conflict(version: version)
        case (4, _, _, let id?): self = .duplicate(id)
        default: throw EventStoreError(.outcomeUnknown, "the function append_events answers what nobody understands")
        }
    }
}
