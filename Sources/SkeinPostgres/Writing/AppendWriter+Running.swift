import Skein

/// Appends in whose transaction something runs.
///
/// Several share a transaction, so that they share its commit; each has a savepoint, so that a body's failure takes back its
/// own append alone. The row of head stays locked from the first append to the commit.
extension AppendWriter {
    /// At most so many share a transaction: each costs the server a subtransaction, which are cheap up to 64.
    private static let sharedLimit = 32
    /// No further append joins a transaction that has held the lock for so long.
    private static let sharedTime: Duration = .milliseconds(50)

    /// Stores the first of the appends, at least one, and returns what became of them.
    mutating func storeRunning(_ appends: ArraySlice<PendingAppend>) -> [Outcome] {
        let group = appends.prefix(Self.sharedLimit)
        do {
            return try storeTogether(group)
        } catch {
            if error.losesConnection { connection = nil }
            // What a body has left for the commit to check was found wrong: the others shall not suffer for it.
            guard error.isRefusedCommit, group.count > 1 else { return group.map { _ in .failure(error.error) } }
            return group.flatMap { storeRunning([$0]) }
        }
    }

    private mutating func storeTogether(
        _ group: ArraySlice<PendingAppend>
    ) throws(TransactionFailure) -> [Outcome] {
        let connection: PostgresConnection
        do { connection = try connected() } catch { throw TransactionFailure(error) }
        let (source, now, deletions) = (source, configuration.time.now(), known.deletions)
        let isShared = group.count > 1
        logEnd.forget()
        var outcomes: [Outcome] = []
        try connection.inTransaction(isShared ? "BEGIN; SAVEPOINT append" : "BEGIN", source) {
            let end = Deadline(in: Self.sharedTime)
            for member in group {
                if !outcomes.isEmpty { try connection.run(Self.nextSavepoint(source), until: source.answerDeadline) }
                let (outcome, endsGroup) = try store(member, over: connection, at: now)
                if case .failure(let error) = outcome {
                    guard isShared else { throw TransactionFailure(error) }
                    try connection.rollBack("ROLLBACK TO SAVEPOINT append", source)
                }
                outcomes.append(outcome)
                if endsGroup || end.hasPassed { break }
            }
        }
        for (member, outcome) in zip(group, outcomes) {
            guard case .success(.stored(let receipt)) = outcome else { continue }
            known.note(receipt.version, of: member.append.stream, deletions: deletions)
        }
        return outcomes
    }

    /// Ends one append's part of the transaction and begins the next one's.
    private static func nextSavepoint(_ source: ConnectionSource) -> String {
        """
        RELEASE SAVEPOINT append; SAVEPOINT append;
        \(LentSettings.giveBack(source.configuration.schema))
        """
    }

    /// Stores an append in the open transaction and runs its body; also tells whether no other may follow. What is thrown
    /// would befall the next ones too.
    private mutating func store(
        _ member: PendingAppend,
        over connection: PostgresConnection,
        at now: Timestamp
    ) throws(TransactionFailure) -> (Outcome, endsGroup: Bool) {
        let verdict: AppendVerdict
        do { verdict = try ask(member, over: connection, at: now) } catch {
            let failure = TransactionFailure(error, during: .inTransaction)
            guard failure.error.mayBeOneMembersFault, !failure.losesConnection else { throw failure }
            return (.failure(failure.error), false)
        }
        let found = verdict.isKnown ? knownCommands(member.append.commands.map(\.id), connection) : .success([:])
        let outcome = outcome(of: member.append, verdict, found, at: now)
        guard let body = member.body, case .success(.stored(let receipt)) = outcome, member.append.eventCount > 0 else {
            return (outcome, false)
        }
        let events = Self.events(of: member.append, receipt)
        do {
            let hasChangedSettings = try connection.lend(source) { lent in
                try body(events, PostgresTransaction(lent))
                return lent.hasChangedSettings
            }
            return (outcome, hasChangedSettings)
        } catch {
            guard !error.losesConnection else { throw error }
            return (.failure(error.error), false)
        }
    }

    /// Has the schema's function store an append in the open transaction.
    private mutating func ask(
        _ member: PendingAppend,
        over connection: PostgresConnection,
        at now: Timestamp
    ) throws -> AppendVerdict {
        var group = AppendGroup()
        _ = group.add(member)
        parameters.removeAll()
        group.writeChecked(to: &parameters, at: now)
        parameters.add(LentSettings.searchPath(configuration.schema))
        let rows = try connection.run(AppendStatement.running, parameters, until: source.answerDeadline)
        guard rows.count == 1 else {
            throw EventStoreError(.corrupt, "the function append_events answers for \(rows.count) appends")
        }
        do { return try AppendVerdict(rows, 0) } catch {
            // Nothing is committed yet, whatever the answer means.
            throw EventStoreError(.corrupt, error.message)
        }
    }

    /// The events at the places that they have got.
    private static func events(of append: StreamAppend, _ receipt: AppendReceipt) -> [StoredEvent] {
        let count = Int64(append.eventCount)
        var (position, version) = (receipt.position - count, receipt.version - count)
        var events: [StoredEvent] = []
        events.reserveCapacity(append.eventCount)
        for command in append.commands {
            for event in command.events {
                position += 1
                version += 1
                let content = StoredEvent.Content(event, of: command, in: append.stream, at: receipt.recordedAt)
                events.append(StoredEvent(content, position: position, version: version))
            }
        }
        return events
    }
}

extension AppendStatement {
    /// ``checked``, before a body runs in the same transaction.
    static let running = Statement(
        "skein_append_running",
        """
        SELECT status, version, position, event, \(LentSettings.columns(searchPath: 20)) FROM append_events(
            $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19
        )
        """
    )
}
