/// The state of an ``InMemoryEventStore`` and its rules, without locks and clocks.
struct InMemoryLog: Sendable {
    fileprivate struct Stream {
        let id: StreamID
        var positions: [Int64] = []
        var version: Int64 = 0
        var isDeleted = false
    }

    var isClosed = false
    var snapshots: [StreamID: Snapshot] = [:]

    /// The event at position p is at index p − 1; nil once it was deleted for good.
    private var events: [StoredEvent?] = []
    private var streams: [Stream] = []
    private var streamIndices: [StreamID: Int] = [:]
    private var positions = EventIndex()
    /// Outcomes that do not follow from an event with the id that its command gives it.
    private var outcomes: [CommandID: KnownCommand] = [:]
    var checkpoints = InMemoryCheckpoints()
    /// What transactional handlers have written.
    private(set) var values: [String: any Sendable] = [:]

    var head: Int64 { Int64(events.count) }

    /// - Parameter body: Runs once it is certain that the events will be stored, if there are any.
    mutating func append(
        _ append: StreamAppend,
        _ contents: [StoredEvent.Content],
        at now: Timestamp,
        running body: (([StoredEvent], InMemoryTransaction) throws -> Void)? = nil
    ) throws(EventStoreError) -> AppendResult {
        var known: [KnownCommand] = []
        for command in append.commands {
            if let outcome = outcome(of: command.id) { known.append(outcome) }
        }
        guard known.isEmpty else { return .known(known) }
        let index = streamIndices[append.stream]
        let version = try index.map { index throws(EventStoreError) in try streams[index].readableVersion } ?? 0
        try append.expected.check(version)
        try refuseDuplicates(in: append)
        if let body, !contents.isEmpty {
            let events = zip(contents, 1...).map { content, offset in
                StoredEvent(content, position: head + offset, version: version + offset)
            }
            try run { transaction in try body(events, transaction) }
        }
        var next = version
        var place = index
        var stored = 0
        for command in append.commands {
            if !command.events.isEmpty {
                let index = place ?? add(append.stream)
                place = index
                let end = stored + command.events.count
                next = store(contents[stored..<end], in: index, after: next)
                stored = end
            }
            keepOutcome(of: command, in: append.stream, version: next, at: now)
        }
        return .stored(AppendReceipt(version: next, position: head, recordedAt: now))
    }

    /// Runs a body in a transaction, and keeps what it has written if it does not throw.
    mutating func run(_ body: (InMemoryTransaction) throws -> Void) throws(EventStoreError) {
        let transaction = InMemoryTransaction(values)
        let result = Result { try body(transaction) }
        let changes = transaction.end()
        do { try result.get() } catch { throw EventStoreError(handler: error) }
        for (key, value) in changes { values[key] = value }
    }

    func read(
        _ stream: StreamID,
        from version: Int64,
        direction: ReadDirection,
        limit: Int
    ) throws(EventStoreError) -> [StoredEvent] {
        guard try self.version(of: stream) > 0, let index = streamIndices[stream] else {
            throw EventStoreError(.streamNotFound, "the stream has no event")
        }
        let positions = streams[index].positions
        let count = Int64(positions.count)
        let wanted =
            switch direction {
            case .forward: positions[Int(min(max(version, 1) - 1, count))...].prefix(limit)
            case .backward: positions[..<Int(min(version, count))].suffix(limit)
            }
        let found = wanted.compactMap { events[Int($0) - 1] }
        return direction == .forward ? found : found.reversed()
    }

    func readLog(from position: Int64, direction: ReadDirection, filter: EventFilter, limit: Int) -> LogPage {
        var found: [StoredEvent] = []
        var scanned = position
        let places: StrideThrough<Int64> =
            switch direction {
            case .forward: stride(from: min(position, head) + 1, through: head, by: 1)
            case .backward: stride(from: min(position - 1, head), through: 1, by: -1)
            }
        for place in places {
            guard found.count < limit else { break }
            scanned = place
            if let event = events[Int(place) - 1], filter.matches(aggregate: event.stream.aggregate, event: event.name)
            {
                found.append(event)
            }
        }
        return LogPage(events: found, scannedThrough: scanned, head: head)
    }

    func version(of stream: StreamID) throws(EventStoreError) -> Int64 {
        guard let index = streamIndices[stream] else { return 0 }
        return try streams[index].readableVersion
    }

    func outcome(of command: CommandID) -> KnownCommand? {
        if !outcomes.isEmpty, let outcome = outcomes[command] { return outcome }
        guard
            let position = position(of: EventID(command: command, ordinal: 0)),
            let first = events[Int(position) - 1],
            first.commandID == command
        else { return nil }
        let stored = events[(Int(position) - 1)...].prefix { $0?.commandID == command }.compactMap { $0 }
        return KnownCommand(id: command, events: stored, first: first)
    }

    mutating func delete(
        _ stream: StreamID,
        mode: DeleteMode,
        expecting expected: ExpectedVersion
    ) throws(EventStoreError) {
        guard let index = streamIndices[stream] else {
            throw EventStoreError(.streamNotFound, "the stream has no event")
        }
        try expected.check(streams[index].version)
        snapshots[stream] = nil
        switch mode {
        case .soft:
            streams[index].isDeleted = true
        case .hard:
            for position in streams[index].positions {
                events[Int(position) - 1] = nil
            }
            outcomes = outcomes.filter { $0.value.stream != stream }
            streams[index].positions = []
            streamIndices[stream] = nil
        }
    }

    mutating func save(_ snapshot: Snapshot) {
        if let kept = snapshots[snapshot.stream], kept.supersedes(snapshot) { return }
        snapshots[snapshot.stream] = snapshot
    }

    private func position(of id: EventID) -> Int64? {
        positions.position(of: id, in: events)
    }

    private func refuseDuplicates(in append: StreamAppend) throws(EventStoreError) {
        let isSingle = append.eventCount == 1
        var seen: Set<EventID> = []
        for command in append.commands {
            for event in command.events {
                guard position(of: event.id) == nil, isSingle || seen.insert(event.id).inserted else {
                    throw EventStoreError(.duplicateEvent(event.id), "the event id \(event.id) is stored already")
                }
            }
        }
    }

    private mutating func add(_ stream: StreamID) -> Int {
        streams.append(Stream(id: stream))
        streamIndices[stream] = streams.count - 1
        return streams.count - 1
    }

    private mutating func store(
        _ contents: ArraySlice<StoredEvent.Content>,
        in index: Int,
        after version: Int64
    ) -> Int64 {
        var version = version
        for content in contents {
            version += 1
            let position = head + 1
            events.append(StoredEvent(content, position: position, version: version))
            positions.insert(content.id, at: position)
            streams[index].positions.append(position)
        }
        streams[index].version = version
        return version
    }

    private mutating func keepOutcome(of command: CommandAppend, in stream: StreamID, version: Int64, at now: Timestamp)
    {
        guard !command.hasDerivedIdentity else { return }
        let stored = command.events.compactMap { event in position(of: event.id).flatMap { events[Int($0) - 1] } }
        guard let outcome = command.separateOutcome(storing: stored) else { return }
        outcomes[command.id] = KnownCommand(
            id: command.id,
            stream: stream,
            fingerprint: command.fingerprint,
            version: stored.last?.version ?? version,
            position: stored.last?.position ?? head,
            recordedAt: now,
            outcome: outcome
        )
    }
}

extension InMemoryLog.Stream {
    fileprivate var readableVersion: Int64 {
        get throws(EventStoreError) {
            guard !isDeleted else { throw EventStoreError(.streamDeleted, "the stream was deleted") }
            return version
        }
    }
}
