import Skein
import Synchronization

/// A store with one thing wrong with it, over one that is right; without a defect it is right too.
final class BrokenStore: EventStoreDecorator {
    struct State {
        var count = 0
        var pending: StreamAppend?
        var hasConflicted = false
        var hasFailed = false
        var openedAt: Int64?
        var known: [CommandID: KnownCommand] = [:]
        var versions: [StreamID: Int64] = [:]
        var streams: [String: StreamID] = [:]
        var deleted: Set<StreamID> = []
        var snapshots: [StreamID: Snapshot] = [:]
        var shownLate: Set<Int64> = []
    }

    let base: any EventStore
    let defect: StoreDefect?
    let state = Mutex(State())

    init(_ defect: StoreDefect?, over base: any EventStore = InMemoryEventStore(allowsHardDelete: true)) {
        self.defect = defect
        self.base = base
    }

    func enter() async throws(EventStoreError) {
        if defect == .losesTheLastAppendOnClosing { try await flush() }
        if defect == .reusesPositionsAfterReopening, state.withLock({ $0.openedAt == nil }) {
            let head = try await base.head()
            state.withLock { $0.openedAt = $0.openedAt ?? head }
        }
    }

    /// Stores what was acknowledged already.
    func flush() async throws(EventStoreError) {
        let pending = state.withLock { state in
            defer { state.pending = nil }
            return state.pending
        }
        if let pending { _ = try await base.append(pending) }
    }

    /// Where the store says that an event is.
    func shown(_ position: Int64) -> Int64 {
        switch defect {
        case .reusesAPosition: position > 2 ? position - 1 : position
        case .leavesGapsInPositions: position * 2
        case .reusesPositionsAfterReopening:
            if let opened = state.withLock(\.openedAt), opened > 0, position > opened { position - 1 } else { position }
        default: position
        }
    }

    func shown(_ events: [StoredEvent]) -> [StoredEvent] {
        events.map { event in
            StoredEvent(
                position: shown(event.position),
                stream: event.stream,
                version: event.version,
                id: event.id,
                name: event.name,
                schemaVersion: event.schemaVersion,
                payload: event.payload,
                metadata: event.metadata,
                commandID: event.commandID,
                commandFingerprint: event.commandFingerprint,
                recordedAt: event.recordedAt
            )
        }
    }

    /// The stream that the store takes another one for.
    func taken(_ stream: StreamID) -> StreamID {
        switch defect {
        case .foldsComposedIDs:
            // Text that is canonically equivalent is one key.
            return state.withLock { state in
                let known = state.streams["\(stream)"] ?? stream
                state.streams["\(stream)"] = known
                return known
            }
        case .cutsLongIDs where stream.id.utf8.count <= StreamID.maximumLength:
            return StreamID(aggregate: stream.aggregate, id: String(decoding: stream.id.utf8.prefix(63), as: UTF8.self))
        default: return stream
        }
    }

    func commits() -> AsyncStream<Void> {
        guard defect == .neverSignals else { return base.commits() }
        return AsyncStream { $0.yield() }
    }

    func close() async {
        if defect != .worksOnAfterClosing { await base.close() }
    }
}
