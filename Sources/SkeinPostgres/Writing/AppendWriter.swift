import Logging
import Skein

/// Stores groups of appends over a connection of its own.
///
/// Not thread-safe: the writer's queue is its home.
struct AppendWriter: Sendable {
    /// What became of an append.
    typealias Outcome = Result<AppendResult, EventStoreError>

    let source: ConnectionSource
    let known: KnownVersions
    var connection: PostgresConnection?
    var parameters = Parameters()
    var logEnd: LogEnd

    /// How the group was sent that is being stored.
    private enum Way {
        case optimistic
        /// It is recorded at this time.
        case checked(Timestamp)
    }

    private var way: Result<Way, EventStoreError> = .success(.optimistic)
    /// Until when the server has to answer.
    private var deadline = Deadline(in: .zero)
    /// The number of deletions that was known when a group was sent the checked way.
    private var deletions: Int64 = -1
    private var watch: AnswerWatch
    /// Whether the group was sent to where the log was taken to end.
    private var reliesOnEnd = false

    init(_ source: ConnectionSource, _ known: KnownVersions) {
        self.source = source
        self.known = known
        logEnd = LogEnd(isUsed: source.configuration.reliesOnLogEnd)
        watch = AnswerWatch(atMost: source.configuration.answerWatch)
    }

    var configuration: PostgresConfiguration { source.configuration }

    /// Whether there is a connection, as far as is known without looking.
    var isConnected: Bool { connection != nil }

    /// Writes down what is new in a group that is to be sent later.
    mutating func prepare(_ group: inout OutgoingGroup, capacity: Int) {
        let members = group.members
        group.rows.learn(members, known, at: configuration.time.now())
        group.rows.write(members, capacity: capacity)
    }

    /// Sends a group, and leaves the rest to ``finish(_:)``.
    mutating func begin(_ group: inout OutgoingGroup) {
        way = Result { () throws(EventStoreError) in try send(&group) }
    }

    /// Whether the group that was sent is stored or has failed, now or before so long.
    func isAnswered(within milliseconds: Int32) -> Bool {
        guard case .success = way, let connection else { return true }
        return connection.isAnswered(within: milliseconds)
    }

    /// Waits until the group that was sent is stored. The error, if there is one, is everyone's; otherwise each member has
    /// an outcome of its own.
    mutating func finish(_ group: OutgoingGroup) -> Result<[Outcome], EventStoreError> {
        Result { () throws(EventStoreError) in
            switch try way.get() {
            case .optimistic:
                if let outcomes = try finishOptimistically(group) { return outcomes }
                let now = try sendChecked(group.group)
                return try finishChecked(group.group, at: now)
            case .checked(let now):
                return try finishChecked(group.group, at: now)
            }
        }
    }

    mutating func close() {
        connection = nil
    }

    private mutating func send(_ group: inout OutgoingGroup) throws(EventStoreError) -> Way {
        _ = try connected()
        let members = group.members
        group.rows.learn(members, known, at: configuration.time.now())
        guard group.rows.areKnown else { return .checked(try sendChecked(group.group)) }
        parameters.removeAll()
        let statement = group.rows.statement(for: members, behind: logEnd, &parameters)
        reliesOnEnd = statement == AppendStatement.next
        try send(statement)
        return .optimistic
    }

    private mutating func send(_ statement: Statement) throws(EventStoreError) {
        let connection = try connected()
        deadline = source.answerDeadline
        do {
            try connection.send(statement, parameters, until: deadline)
        } catch {
            throw failed(error)
        }
    }

    /// Waits for the answer to what was sent for so many appends.
    private mutating func receive(
        from connection: PostgresConnection,
        for appends: Int
    ) throws(PostgresFailure) -> Rows {
        let deadline = deadline
        guard appends == 1 else { return try connection.receive(until: deadline) }
        return try watch.receive {
            connection.isAnswered(within: 0)
        } _: { () throws(PostgresFailure) in
            try connection.receive(until: deadline)
        }
    }

    private func sent() throws(EventStoreError) -> PostgresConnection {
        guard let connection else { throw EventStoreError(.outcomeUnknown, "the connection is gone") }
        return connection
    }

    // MARK: The optimistic way

    private mutating func finishOptimistically(_ group: OutgoingGroup) throws(EventStoreError) -> [Outcome]? {
        let connection = try sent()
        let rows: Rows
        do {
            rows = try receive(from: connection, for: group.members.count)
        } catch {
            // A unique key says that something is there already; what it is, the checked way finds out.
            if error.sqlState == "23505" {
                if reliesOnEnd { logEnd.wasWrong() }
                return nil
            }
            throw failed(error)
        }
        guard rows.count == 1 else {
            try learnDeletions(connection)
            return nil
        }
        let events = group.members.reduce(0) { $0 + $1.append.eventCount }
        guard let base = rows.integer(0, 0), rows.integer(0, 1) == Int64(events) else {
            throw EventStoreError(.outcomeUnknown, "the server answers an append with what nobody understands")
        }
        return outcomes(of: group, after: base)
    }

    private mutating func outcomes(of group: OutgoingGroup, after base: Int64) -> [Outcome] {
        let (members, rows) = (group.members, group.rows)
        var position = base
        var reached: [(Int64, StreamID)] = []
        reached.reserveCapacity(members.count)
        var outcomes: [Outcome] = []
        outcomes.reserveCapacity(members.count)
        for index in members.indices {
            let events = Int64(members[index].append.eventCount)
            let version = rows.versions[index] + events
            position += events
            reached.append((version, members[index].append.stream))
            let receipt = AppendReceipt(version: version, position: position, recordedAt: rows.times[index])
            outcomes.append(.success(.stored(receipt)))
        }
        known.note(reached, deletions: rows.deletions)
        logEnd.note(base, then: position, deletions: rows.deletions)
        return outcomes
    }

    // MARK: The checked way

    /// Sends a group; returns when it is recorded.
    private mutating func sendChecked(_ group: AppendGroup) throws(EventStoreError) -> Timestamp {
        let now = configuration.time.now()
        deletions = known.deletions
        parameters.removeAll()
        group.writeChecked(to: &parameters, at: now)
        try send(AppendStatement.checked)
        return now
    }

    private mutating func finishChecked(
        _ group: AppendGroup,
        at now: Timestamp
    ) throws(EventStoreError) -> [Outcome] {
        let connection = try sent()
        let deletions = deletions
        let rows: Rows
        do {
            rows = try receive(from: connection, for: group.members.count)
        } catch {
            throw failed(error)
        }
        guard rows.count == group.members.count else {
            throw EventStoreError(.outcomeUnknown, "the function append_events answers for \(rows.count) appends")
        }
        var verdicts: [AppendVerdict] = []
        for row in 0..<rows.count { verdicts.append(try AppendVerdict(rows, row)) }
        noteEnd(after: verdicts, of: group)
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

    private mutating func noteEnd(after verdicts: [AppendVerdict], of group: AppendGroup) {
        var (stored, end): (Int64, Int64) = (0, 0)
        for (member, verdict) in zip(group.members, verdicts) {
            guard case .stored(_, let position) = verdict else { continue }
            stored += Int64(member.append.eventCount)
            end = max(end, position)
        }
        if stored > 0 { logEnd.note(end - stored, then: end, deletions: deletions) }
    }

    func outcome(
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

    mutating func knownCommands(
        _ commands: [CommandID],
        _ connection: PostgresConnection
    ) -> Result<[CommandID: KnownCommand], EventStoreError> {
        let source = source
        return Result { () throws(EventStoreError) in
            try reading { try connection.outcomes(of: commands, until: source.answerDeadline) }
        }
    }

    // MARK: The connection

    mutating func connected() throws(EventStoreError) -> PostgresConnection {
        if let connection, connection.isAlive { return connection }
        connection = nil
        // The server may be another one now, a standby that took over and lacks what was stored last.
        logEnd.forget()
        known.forget()
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
enum AppendVerdict {
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
