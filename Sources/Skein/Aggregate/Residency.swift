import Metrics
import Synchronization

/// The aggregates of a bus that are in memory.
final class Residency: Sendable {
    typealias Resident = ResidencyTable<StreamID, AggregateActor>.Pinned

    private let limit: Int
    private let idleTime: Duration
    private let time: any TimeSource
    private let metrics: BusMetrics
    private let table = Mutex(ResidencyTable<StreamID, AggregateActor>())
    private let doubtful = Mutex<[StreamID: Resident]>([:])
    /// How many are in doubt, so that the many commands that are not need not look.
    private let doubtCount = Atomic(0)

    init(_ runtime: BusRuntime) {
        limit = runtime.configuration.residentLimit
        idleTime = runtime.configuration.residentIdleTime
        time = runtime.time
        metrics = runtime.instruments.metrics
    }

    var count: Int { table.withLock { $0.count } }

    /// Pins an aggregate's actor; a new one is made only for a valid id.
    func checkOut(_ stream: StreamID, _ kind: AggregateKind) throws(CommandError<Never>) -> Resident {
        let resident: Resident?
        do throws(InvalidInput) {
            resident = try table.withLock { table throws(InvalidInput) in
                try table.checkOut(stream, limit: limit) { stream throws(InvalidInput) in
                    try stream.validate()
                    return AggregateActor(stream, kind)
                }
            }
        } catch {
            throw .invalidInput(error)
        }
        guard let resident else {
            metrics.overloads.increment()
            throw .overloaded(.residents(limit: limit))
        }
        return resident
    }

    /// Takes the pin of a command back. An aggregate in doubt stays pinned until it is resolved.
    func checkIn(_ resident: Resident, isInDoubt: Bool) {
        if isInDoubt {
            let isNew = doubtful.withLock { $0.updateValue(resident, forKey: resident.value.stream) == nil }
            if isNew {
                doubtCount.add(1, ordering: .relaxed)
                return
            }
        } else if doubtCount.load(ordering: .relaxed) > 0 {
            endDoubt(of: resident)
        }
        release(resident)
    }

    /// Lets go of aggregates that nobody has used for a while.
    func evictIdle() {
        let since = time.uptime() - idleTime
        // In small steps, so that senders do not wait long for the table.
        while table.withLock({ $0.evict(notUsedSince: since, atMost: 256) }) == 256 {}
        metrics.residents.record(count)
    }

    /// Tries to find out what became of appends whose outcome is unknown.
    func resolveDoubts(_ runtime: BusRuntime) async {
        for resident in doubtful.withLock({ Array($0.values) }) where await resident.value.resolve(runtime) {
            endDoubt(of: resident)
        }
    }

    private func endDoubt(of resident: Resident) {
        guard doubtful.withLock({ $0.removeValue(forKey: resident.value.stream) }) != nil else { return }
        doubtCount.subtract(1, ordering: .relaxed)
        release(resident)
    }

    private func release(_ resident: Resident) {
        let now = time.uptime()
        table.withLock { $0.checkIn(resident.place, at: now) }
    }
}
