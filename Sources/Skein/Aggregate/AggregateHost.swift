import Metrics
import Synchronization

/// What a bus keeps for one aggregate type: its codec, and its aggregates in memory.
final class AggregateHost<A: Aggregate>: AnyAggregateHost {
    typealias Resident = ResidencyTable<AggregateID<A>, AggregateActor<A>>.Pinned

    let store: any EventStore
    let codec: EventCodec<A.Event>
    let snapshots: SnapshotCoding<A>?
    let configuration: BusConfiguration
    let instruments: Instruments
    let loadGate: LoadGate
    private let table = Mutex(ResidencyTable<AggregateID<A>, AggregateActor<A>>())
    private let doubtful = Mutex<[AggregateID<A>: Resident]>([:])

    init(_ runtime: BusRuntime) {
        store = runtime.store
        configuration = runtime.configuration
        instruments = runtime.instruments
        loadGate = runtime.loadGate
        codec = runtime.configuration.coder.codec(for: A.Event.self)
        snapshots = SnapshotCoding(runtime.configuration.coder)
    }

    var time: any TimeSource { configuration.environment.time }

    var residentCount: Int { table.withLock { $0.count } }

    /// Pins the aggregate's actor; a new one is made only for an id that is valid.
    func checkOut(_ id: AggregateID<A>) throws(CommandError<A.Rejection>) -> Resident {
        let limit = configuration.residentLimit
        let resident: Resident?
        do throws(InvalidInput) {
            resident = try table.withLock { table throws(InvalidInput) in
                try table.checkOut(id, limit: limit) { id throws(InvalidInput) in
                    try id.stream.validate()
                    return AggregateActor(id)
                }
            }
        } catch {
            throw .invalidInput(error)
        }
        guard let resident else {
            instruments.metrics.overloads.increment()
            throw .overloaded(.residents(limit: limit))
        }
        return resident
    }

    /// Takes the pin of a command back. An aggregate in doubt stays pinned until it is resolved.
    func checkIn(_ resident: Resident, isInDoubt: Bool) {
        if isInDoubt {
            let isNew = doubtful.withLock { $0.updateValue(resident, forKey: resident.value.id) == nil }
            if isNew { return }
        }
        release(resident)
    }

    func evictIdle() {
        let time = time.uptime() - configuration.residentIdleTime
        // In small steps, so that senders do not wait long for the table.
        while table.withLock({ $0.evict(notUsedSince: time, atMost: 256) }) == 256 {}
        instruments.metrics.residents.record(residentCount)
    }

    func resolveDoubts() async {
        for resident in doubtful.withLock({ Array($0.values) }) {
            guard await resident.value.resolve(self) else { continue }
            if doubtful.withLock({ $0.removeValue(forKey: resident.value.id) }) != nil { release(resident) }
        }
    }

    private func release(_ resident: Resident) {
        let now = time.uptime()
        table.withLock { $0.checkIn(resident.place, at: now) }
    }
}

/// An ``AggregateHost`` of any type, for the bus's housekeeping.
protocol AnyAggregateHost: Sendable {
    var residentCount: Int { get }
    func evictIdle()
    func resolveDoubts() async
}

/// What all parts of one bus share.
struct BusRuntime: Sendable {
    let store: any EventStore
    let configuration: BusConfiguration
    let instruments: Instruments
    let loadGate: LoadGate

    init(store: any EventStore, configuration: BusConfiguration) {
        self.store = store
        self.configuration = configuration
        instruments = Instruments(configuration)
        loadGate = LoadGate(limit: configuration.loadLimit)
    }
}
