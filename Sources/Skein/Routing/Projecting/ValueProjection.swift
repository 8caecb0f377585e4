import Logging
import Synchronization

/// A read model that is a Swift value in this process's memory.
///
/// Each process has its own. The value is kept in the store now and then, together with the position that it belongs to, and
/// a process goes on from there: each event has its effect exactly once.
public final class ValueProjection<Value: Codable & Sendable>: Sendable {
    private struct State {
        var value: Value
        var position: Int64 = 0
        var keptAt: Int64 = 0
        var eventsSinceKept = 0
    }

    /// The read model's name; also that of its subscription.
    public let name: String
    private let version: Int
    private let initial: Value
    private let interval: Int
    private let folds: [Fold<Value>]
    private let state: Mutex<State>

    /// Creates a read model.
    ///
    /// - Parameters:
    ///   - name: Its name, unique in its store.
    ///   - version: Grows when the value's type or what is done with events changes; what was kept before is ignored then.
    ///   - initial: The value before the first event.
    ///   - interval: After how many events the value is kept; also when the bus stops in good order.
    ///   - folds: What is done with events, for each aggregate type at most once.
    public init(
        _ name: String,
        version: Int = 1,
        initial: Value,
        keptEvery interval: Int = 10_000,
        _ folds: Fold<Value>...
    ) {
        self.name = name
        self.version = version
        self.initial = initial
        self.interval = max(1, interval)
        self.folds = folds
        state = Mutex(State(value: initial))
    }

    /// Everything up to this position is in the value.
    public var position: Int64 { state.withLock { $0.position } }

    /// The value as it is now. Copying a large one is cheap, but lets the next event copy it for good: see ``read(_:)``.
    public var value: Value { state.withLock { $0.value } }

    /// Reads from the value in place; events wait meanwhile.
    public func read<Result: Sendable>(_ body: (borrowing Value) throws -> Result) rethrows -> Result {
        try state.withLock { try body($0.value) }
    }

    var aggregateNames: [String] { folds.map(\.aggregateName) }

    func makeTarget(_ runtime: BusRuntime) -> any DeliveryTarget {
        Target(projection: self, runtime)
    }

    private var stream: StreamID { StreamID(aggregate: "skein.value", id: name) }

    private struct Target: DeliveryTarget {
        let projection: ValueProjection
        let filter: EventFilter
        private let runtime: BusRuntime
        private let folds: [String: @Sendable (StoredEvent) throws -> (inout Value) -> Void]

        init(projection: ValueProjection, _ runtime: BusRuntime) {
            self.projection = projection
            self.runtime = runtime
            let coder = runtime.configuration.coder
            filter = EventFilter(aggregates: Set(projection.aggregateNames))
            folds = Dictionary(
                projection.folds.map { ($0.aggregateName, $0.bind(coder)) },
                uniquingKeysWith: { first, _ in first }
            )
        }

        func takes(_ event: StoredEvent) -> Bool { folds[event.stream.aggregate] != nil }

        func resume() async throws(DeliveryFailure) -> Int64? {
            do throws(EventStoreError) {
                return projection.take(try await runtime.store.snapshot(of: projection.stream), runtime)
            } catch {
                throw .store(error)
            }
        }

        func deliver(_ delivery: EventDelivery) async throws(DeliveryFailure) -> Checkpoint? {
            var changes: [(inout Value) -> Void] = []
            for (index, event) in delivery.events.enumerated() {
                do {
                    if let fold = folds[event.stream.aggregate] { changes.append(try fold(event)) }
                } catch let error as EventCodingError {
                    _ = projection.apply(changes, through: delivery.events.prefix(index).last?.position)
                    throw .undecodable(error, handled: index)
                } catch {
                    throw .handler(error, handled: 0)
                }
            }
            if projection.apply(changes, through: delivery.events.last?.position) { await projection.keep(runtime) }
            return nil
        }

        func end() async {
            if projection.hasNews { await projection.keep(runtime) }
        }
    }

    /// Goes back to what was kept, if it can be used, and tells its position.
    private func take(_ snapshot: Snapshot?, _ runtime: BusRuntime) -> Int64 {
        var state = State(value: initial)
        if let snapshot, snapshot.shapeVersion == version, snapshot.isIntact, snapshot.version > 0,
            let value = try? runtime.configuration.coder.decode(Value.self, from: snapshot.payload)
        {
            state = State(value: value, position: snapshot.version, keptAt: snapshot.version)
        }
        let position = state.position
        self.state.withLock { $0 = state }
        return position
    }

    /// Applies events; true if the value should be kept.
    private func apply(_ changes: [(inout Value) -> Void], through position: Int64?) -> Bool {
        state.withLock { state in
            for change in changes { change(&state.value) }
            if let position { state.position = position }
            state.eventsSinceKept += changes.count
            return state.eventsSinceKept >= interval
        }
    }

    /// Whether events have come since the value was kept.
    private var hasNews: Bool { state.withLock { $0.eventsSinceKept > 0 } }

    /// Keeps the value in the store. If that fails, more events are handled again after a restart, and nothing else.
    private func keep(_ runtime: BusRuntime) async {
        let (value, position) = state.withLock { state in
            state.eventsSinceKept = 0
            return (state.value, state.position)
        }
        do {
            let snapshot = Snapshot(
                stream: stream,
                version: position,
                shapeVersion: version,
                payload: try runtime.configuration.coder.encode(value)
            )
            try await runtime.store.save(snapshot)
        } catch {
            runtime.instruments.logger.warning(
                "A read model could not be kept; its events are all there.",
                metadata: ["projection": "\(name)", "error": "\(error)"]
            )
        }
    }
}

/// What a ``ValueProjection`` does with the events of one aggregate type.
public struct Fold<Value: Sendable>: Sendable {
    let aggregateName: String
    let bind: @Sendable (any EventCoder) -> @Sendable (StoredEvent) throws -> (inout Value) -> Void

    /// Changes the value for an event.
    public init<A: Aggregate>(
        _ type: A.Type,
        _ change: @escaping @Sendable (inout Value, RecordedEvent<A>) -> Void
    ) {
        aggregateName = type.aggregateName
        bind = { coder in
            let codec = coder.codec(for: A.Event.self)
            return { stored in
                let event = RecordedEvent<A>(try codec.decode(stored), from: stored)
                return { value in change(&value, event) }
            }
        }
    }
}
