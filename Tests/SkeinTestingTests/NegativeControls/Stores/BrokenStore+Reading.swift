import Skein
import Synchronization

extension BrokenStore {
    func read(
        _ stream: StreamID,
        from version: Int64,
        direction: ReadDirection,
        limit: Int
    ) async throws(EventStoreError) -> [StoredEvent] {
        try await enter()
        let stream = taken(stream)
        var version = version
        var limit = limit
        if defect == .startsBehindTheVersion, direction == .forward, version > 1, version < .max { version += 1 }
        if defect == .cutsPagesSilently { limit = min(max(limit, 1), limits.pageSize) }
        do throws(EventStoreError) {
            return shown(try await base.read(stream, from: version, direction: direction, limit: limit))
        } catch {
            if defect == .readsUnknownStreamsAsEmpty, error.code == .streamNotFound { return [] }
            throw error
        }
    }

    func readLog(
        from position: Int64,
        direction: ReadDirection,
        filter: EventFilter,
        limit: Int
    ) async throws(EventStoreError) -> LogPage {
        try await enter()
        var position = position
        var limit = limit
        if defect == .leavesGapsInPositions, position >= 0 {
            position = direction == .forward ? position / 2 : position / 2 + position % 2
        }
        if defect == .cutsPagesSilently { limit = min(max(limit, 1), limits.pageSize) }
        let page = try await base.readLog(
            from: position,
            direction: direction,
            filter: defect == .ignoresFilters ? .all : filter,
            limit: limit
        )
        var events = shown(page.events)
        var scanned = page.scannedThrough
        switch defect {
        case .dropsTheLastEventOfAPage:
            if limit > 1, events.count == limit { events.removeLast() }
        case .skipsWhatAFilteredPageDidNotReach:
            if filter != .all, direction == .forward { scanned = max(scanned, page.head) }
        case .showsPositionsLate:
            guard direction == .forward, let last = events.last?.position else { break }
            events.removeAll { event in
                event.position % 4 == 2 && event.position < last
                    && state.withLock { $0.shownLate.insert(event.position).inserted }
            }
        case .softDeleteForgetsTheLog:
            let deleted = state.withLock(\.deleted)
            events.removeAll { deleted.contains($0.stream) }
        case .leavesGapsInPositions:
            if scanned < .max / 2 { scanned *= 2 }
        default: break
        }
        return LogPage(events: events, scannedThrough: scanned, head: shown(page.head))
    }

    func version(of stream: StreamID) async throws(EventStoreError) -> Int64 {
        try await enter()
        return try await base.version(of: taken(stream))
    }

    func head() async throws(EventStoreError) -> Int64 {
        try await enter()
        return shown(try await base.head())
    }

    func outcome(of command: CommandID) async throws(EventStoreError) -> KnownCommand? {
        try await enter()
        if let known = state.withLock({ $0.known[command] }) { return known }
        let known = try await base.outcome(of: command)
        if defect == .softDeleteForgetsCommands, let known, state.withLock({ $0.deleted.contains(known.stream) }) {
            return nil
        }
        return known
    }
}
