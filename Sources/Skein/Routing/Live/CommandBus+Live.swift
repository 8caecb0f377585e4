extension CommandBus {
    /// The events of one aggregate as they are stored, by whichever process. The bus need not run.
    public func events<A: Aggregate>(
        of id: AggregateID<A>,
        from start: StreamStart = .now
    ) -> LiveEvents<RecordedEvent<A>> {
        let runtime = runtime
        return LiveEvents {
            let codec = runtime.configuration.coder.codec(for: A.Event.self)
            let reader = LiveStreamReader(StreamID(aggregate: A.aggregateName, id: id.value), from: start, runtime)
            return LiveSource(runtime) {
                let page = try await reader.read()
                return (try page.map { RecordedEvent(try codec.decode($0), from: $0) }, page.count == reader.limit)
            }
        }
    }

    /// The events of all aggregates of a type as they are stored, in the order of their positions.
    public func events<A: Aggregate>(
        of type: A.Type,
        from start: StreamStart = .now
    ) -> LiveEvents<RecordedEvent<A>> {
        let runtime = runtime
        return LiveEvents {
            let codec = runtime.configuration.coder.codec(for: A.Event.self)
            let reader = LiveLogReader(EventFilter(aggregates: [A.aggregateName]), from: start, runtime)
            return LiveSource(runtime) {
                let (page, isMoreThere) = try await reader.read()
                return (try page.map { RecordedEvent(try codec.decode($0), from: $0) }, isMoreThere)
            }
        }
    }

    /// All events that pass a filter as they are stored, in the order of their positions and with their payloads as they are.
    public func events(
        matching filter: EventFilter = .all,
        from start: StreamStart = .now
    ) -> LiveEvents<StoredEvent> {
        let runtime = runtime
        return LiveEvents {
            let reader = LiveLogReader(filter, from: start, runtime)
            return LiveSource(runtime) { try await reader.read() }
        }
    }

    /// An aggregate's state: first as it is now, then after each event that is stored, by whichever process.
    public func states<A: Aggregate>(of id: AggregateID<A>) -> LiveEvents<VersionedState<A>> {
        let runtime = runtime
        return LiveEvents {
            let codec = runtime.configuration.coder.codec(for: A.Event.self)
            let reader = LiveStreamReader(StreamID(aggregate: A.aggregateName, id: id.value), from: .beginning, runtime)
            let fold = StateFold<A>()
            return LiveSource(runtime) {
                let page = try await reader.read()
                let states = try page.map { fold.apply(try codec.decode($0), version: $0.version) }
                let isMoreThere = page.count == reader.limit
                // What was stored before the beginning counts as one step.
                return (fold.isCaughtUp ? states : isMoreThere ? [] : [fold.catchUp()], isMoreThere)
            }
        }
    }
}

/// An aggregate's state at a version.
public struct VersionedState<A: Aggregate>: Sendable {
    /// The state; that of a new aggregate if it has no events.
    public let state: A

    /// The version of the last event in it.
    public let version: Int64
}

/// Reads a stream on and on; for one task at a time.
private final class LiveStreamReader {
    let limit: Int
    private let stream: StreamID
    private let store: any EventStore
    /// The version of the last event that was read; nil until it is known where to begin.
    private var version: Int64?

    init(_ stream: StreamID, from start: StreamStart, _ runtime: BusRuntime) {
        self.stream = stream
        store = runtime.store
        limit = min(runtime.configuration.subscriptionBuffer, runtime.limits.pageSize)
        version =
            switch start {
            case .beginning: 0
            case .now: nil
            case .after(let version): version
            }
    }

    func read() async throws(EventStoreError) -> [StoredEvent] {
        guard let version else {
            version = try await store.version(of: stream)
            return []
        }
        let page: [StoredEvent]
        do throws(EventStoreError) {
            let (next, overflow) = version.addingReportingOverflow(1)
            guard !overflow else { return [] }
            page = try await store.read(stream, from: next, direction: .forward, limit: limit)
        } catch  where error.code == .streamNotFound {
            return []
        }
        if let last = page.last { self.version = last.version }
        return page
    }
}

/// Reads the log on and on; for one task at a time.
private final class LiveLogReader {
    private let filter: EventFilter
    private let store: any EventStore
    private let limit: Int
    /// Everything up to here was read; nil until it is known where to begin.
    private var position: Int64?

    init(_ filter: EventFilter, from start: StreamStart, _ runtime: BusRuntime) {
        self.filter = filter
        store = runtime.store
        limit = min(runtime.configuration.subscriptionBuffer, runtime.limits.pageSize)
        position =
            switch start {
            case .beginning: 0
            case .now: nil
            case .after(let position): position
            }
    }

    func read() async throws(EventStoreError) -> (page: [StoredEvent], isMoreThere: Bool) {
        guard let position else {
            position = try await store.head()
            return ([], false)
        }
        let page = try await store.readLog(from: position, direction: .forward, filter: filter, limit: limit)
        self.position = max(position, page.scannedThrough)
        return (page.events, page.scannedThrough < page.head)
    }
}

/// Folds events into states; for one task at a time.
private final class StateFold<A: Aggregate> {
    private var state = A()
    private var version: Int64 = 0
    private(set) var isCaughtUp = false

    func apply(_ event: A.Event, version: Int64) -> VersionedState<A> {
        state.apply(event)
        self.version = version
        return VersionedState(state: state, version: version)
    }

    func catchUp() -> VersionedState<A> {
        isCaughtUp = true
        return VersionedState(state: state, version: version)
    }
}
