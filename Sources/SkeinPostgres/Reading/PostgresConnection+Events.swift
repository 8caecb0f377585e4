import Skein

extension PostgresConnection {
    /// The log's end, and how many streams were deleted so far.
    func head(until deadline: Deadline) throws -> (position: Int64, deletions: Int64) {
        let rows = try run(ReadStatement.head, until: deadline)
        guard rows.count == 1, let position = rows.integer(0, 0), let deletions = rows.integer(0, 1) else {
            throw EventStoreError(.corrupt, "the table head does not hold its row")
        }
        return (position, deletions)
    }

    /// A stream's version, 0 if it has no event, and whether it was deleted softly.
    func version(of stream: StreamID, until deadline: Deadline) throws -> Int64 {
        var parameters = Parameters()
        parameters.add(stream.id)
        parameters.add(stream.aggregate)
        let rows = try run(ReadStatement.stream, parameters, until: deadline)
        guard let version = rows.integer(0, 0), let isDeleted = rows.boolean(0, 1) else {
            throw EventStoreError(.corrupt, "the version of the stream \(stream) cannot be read")
        }
        guard !isDeleted else { throw EventStoreError(.streamDeleted, "the stream was deleted") }
        return version
    }

    /// A page of a stream's events, and the number of deletions at that moment.
    func read(
        _ stream: StreamID,
        from version: Int64,
        direction: ReadDirection,
        limit: Int,
        until deadline: Deadline
    ) throws -> (events: [StoredEvent], deletions: Int64) {
        var parameters = Parameters()
        parameters.add(stream.id)
        parameters.add(stream.aggregate)
        parameters.add(version)
        parameters.add(Int64(limit))
        let forward = direction == .forward
        let rows = try run(
            forward ? ReadStatement.streamForward : ReadStatement.streamBackward,
            parameters,
            until: deadline
        )
        guard rows.count > 0, let deletions = rows.integer(0, 0) else {
            guard try self.version(of: stream, until: deadline) > 0 else {
                throw EventStoreError(.streamNotFound, "the stream has no event")
            }
            return ([], -1)
        }
        var events: [StoredEvent] = []
        events.reserveCapacity(rows.count)
        for row in 0..<rows.count {
            let event = try EventColumns(first: 1).event(rows, row, in: stream)
            if let last = events.last, last.version &+ (forward ? 1 : -1) != event.version {
                throw EventStoreError(
                    .corrupt,
                    "version \(event.version) of \(stream) follows version \(last.version) at position \(event.position)"
                )
            }
            events.append(event)
        }
        return (events, deletions)
    }

    func readLog(
        from position: Int64,
        direction: ReadDirection,
        filter: EventFilter,
        limit: Int,
        scanLimit: Int,
        until deadline: Deadline
    ) throws -> LogPage {
        let forward = direction == .forward
        let takesAll = filter == .all
        var parameters = Parameters()
        parameters.add(position)
        parameters.add(Int64(limit))
        let statement: Statement
        if takesAll {
            statement = forward ? ReadStatement.logForward : ReadStatement.logBackward
        } else {
            statement = forward ? ReadStatement.filteredLogForward : ReadStatement.filteredLogBackward
            parameters.add(Int64(scanLimit))
            for names in [filter.aggregates, filter.events] {
                if names.isEmpty { parameters.add(String?.none) } else { parameters.addArray(names) }
            }
        }
        let rows = try run(statement, parameters, until: deadline)
        guard rows.count > 0, let head = rows.integer(0, 0) else {
            throw EventStoreError(.corrupt, "the table head does not hold its row")
        }
        let hasEvents = !rows.isNull(0, 1)
        var events: [StoredEvent] = []
        if hasEvents {
            events.reserveCapacity(rows.count)
            for row in 0..<rows.count {
                let event = try EventColumns(first: 1).event(rows, row)
                if let last = events.last, (last.position < event.position) != forward {
                    throw EventStoreError(.corrupt, "position \(event.position) follows position \(last.position)")
                }
                events.append(event)
            }
        }
        let isEmpty = forward ? position >= head : position <= 1 || head == 0
        guard !isEmpty else { return LogPage(events: [], scannedThrough: position, head: head) }
        let scanned: Int64
        if events.count == limit, let last = events.last {
            scanned = last.position
        } else if takesAll {
            scanned = forward ? head : 1
        } else {
            scanned =
                forward
                ? min(position + Int64(scanLimit), head) : max(min(position, head + 1) - Int64(scanLimit), 1)
        }
        return LogPage(events: events, scannedThrough: scanned, head: head)
    }
}
