/// The state of an ``InMemoryEventStore`` and its rules, without locks and clocks.
struct InMemoryLog: Sendable {
    private struct Stream {
        var positions: [Int64] = []
        var isDeleted = false
    }

    var isClosed = false
    var snapshots: [StreamID: Snapshot] = [:]
    var checkpoints: [String: Checkpoint] = [:]

    /// The event at position p is at index p − 1; nil once it was deleted for good.
    private var events: [StoredEvent?] = []
    private var streams: [StreamID: Stream] = [:]
    private var positions: [EventID: Int64] = [:]
    /// Outcomes that do not follow from an event with the id that its command gives it.
    private var outcomes: [CommandID: KnownCommand] = [:]

    var head: Int64 { Int64(events.count) }

    mutating func append(_ append: StreamAppend, at now: Timestamp) throws(EventStoreError) -> AppendResult {
        let known = append.commands.compactMap { outcome(of: $0.id) }
        guard known.isEmpty else { return .known(known) }
        let version = try version(of: append.stream)
        guard append.expected.allows(version) else {
            throw EventStoreError(
                .conflict(expected: append.expected, actual: version),
                "expected \(append.expected), the stream is at version \(version)"
            )
        }
        try refuseDuplicates(in: append)
        var next = version
        for command in append.commands {
            next = store(command, of: append.stream, after: next, at: now)
        }
        return .stored(AppendReceipt(version: next, position: head, recordedAt: now))
    }

    func read(
        _ stream: StreamID,
        from version: Int64,
        direction: ReadDirection,
        limit: Int
    ) throws(EventStoreError) -> [StoredEvent] {
        guard try self.version(of: stream) > 0, let positions = streams[stream]?.positions else {
            throw EventStoreError(.streamNotFound, "the stream has no event")
        }
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
            case .forward: stride(from: position + 1, through: max(head, position), by: 1)
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
        guard let known = streams[stream] else { return 0 }
        guard !known.isDeleted else { throw EventStoreError(.streamDeleted, "the stream was deleted") }
        return Int64(known.positions.count)
    }

    func outcome(of command: CommandID) -> KnownCommand? {
        if let outcome = outcomes[command] { return outcome }
        guard
            let position = positions[EventID(command: command, ordinal: 0)],
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
        guard let known = streams[stream] else {
            throw EventStoreError(.streamNotFound, "the stream has no event")
        }
        let version = Int64(known.positions.count)
        guard expected.allows(version) else {
            throw EventStoreError(
                .conflict(expected: expected, actual: version),
                "expected \(expected), the stream is at version \(version)"
            )
        }
        snapshots[stream] = nil
        switch mode {
        case .soft:
            streams[stream]?.isDeleted = true
        case .hard:
            for position in known.positions {
                if let id = events[Int(position) - 1]?.id { positions[id] = nil }
                events[Int(position) - 1] = nil
            }
            outcomes = outcomes.filter { $0.value.stream != stream }
            streams[stream] = nil
        }
    }

    mutating func save(_ snapshot: Snapshot) {
        if let kept = snapshots[snapshot.stream], kept.supersedes(snapshot) { return }
        snapshots[snapshot.stream] = snapshot
    }

    mutating func claimCheckpoint(of subscription: String) -> Checkpoint {
        let before = checkpoints[subscription]
        let claimed = Checkpoint(
            subscription: subscription,
            position: before?.position ?? 0,
            epoch: (before?.epoch ?? 0) + 1
        )
        checkpoints[subscription] = claimed
        return claimed
    }

    mutating func move(_ checkpoint: Checkpoint, to position: Int64) throws(EventStoreError) -> Checkpoint {
        guard checkpoints[checkpoint.subscription] == checkpoint else {
            throw EventStoreError(.checkpointFenced, "another runner has moved or claimed the checkpoint")
        }
        let moved = Checkpoint(subscription: checkpoint.subscription, position: position, epoch: checkpoint.epoch)
        checkpoints[checkpoint.subscription] = moved
        return moved
    }

    private func refuseDuplicates(in append: StreamAppend) throws(EventStoreError) {
        var seen: Set<EventID> = []
        let isSingle = append.eventCount == 1
        for event in append.events {
            guard positions[event.id] == nil, isSingle || seen.insert(event.id).inserted else {
                throw EventStoreError(.duplicateEvent(event.id), "the event id \(event.id) is stored already")
            }
        }
    }

    private mutating func store(
        _ command: CommandAppend,
        of stream: StreamID,
        after version: Int64,
        at now: Timestamp
    ) -> Int64 {
        var version = version
        var stored: [StoredEvent] = []
        for event in command.events {
            version += 1
            let event = StoredEvent(event, of: command, in: stream, version: version, position: head + 1, at: now)
            events.append(event)
            positions[event.id] = event.position
            streams[stream, default: Stream()].positions.append(event.position)
            if !command.hasDerivedIdentity { stored.append(event) }
        }
        if let outcome = command.separateOutcome(storing: stored) {
            outcomes[command.id] = KnownCommand(
                id: command.id,
                stream: stream,
                fingerprint: command.fingerprint,
                version: version,
                position: head,
                recordedAt: now,
                outcome: outcome
            )
        }
        return version
    }
}
