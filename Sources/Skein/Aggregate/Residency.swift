import Metrics
import Synchronization

/// The aggregates of a bus that are in memory.
final class Residency: Sendable {
    typealias Resident = ResidencyTable<StreamID, AggregateActor>.Pinned

    private let limit: Int
    private let idleTime: Duration
    private let time: any TimeSource
    /// When the rounds of the table that are not longer ago than the idle time began; for the housekeeping alone.
    private let rounds = Mutex<[(round: Int, begin: Duration)]>([])
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
    ///
    /// Nil if the command did not find out whether it is.
    func checkIn(_ resident: Resident, isInDoubt: Bool?) {
        if isInDoubt == true {
            let isNew = doubtful.withLock { $0.updateValue(resident, forKey: resident.value.stream) == nil }
            if isNew {
                doubtCount.add(1, ordering: .relaxed)
                return
            }
        } else if isInDoubt == false, doubtCount.load(ordering: .relaxed) > 0 {
            endDoubt(of: resident)
        }
        release(resident)
    }

    /// Lets go of aggregates that nobody has used for a while. To be called now and then: each call begins a round, and
    /// an aggregate leaves with the first call that finds its last round to be over for the idle time.
    func evictIdle() {
        let now = time.uptime()
        let oldest: Int? = rounds.withLock { rounds in
            rounds.append((table.withLock { $0.beginRound() }, now))
            while rounds.count > 1, rounds[1].begin <= now - idleTime { rounds.removeFirst() }
            guard let first = rounds.first, first.begin <= now - idleTime else { return nil }
            return first.round
        }
        if let oldest {
            // In small steps, so that senders do not wait long for the table.
            while table.withLock({ $0.evict(notUsedSince: oldest, atMost: 256) }) == 256 {}
        }
        metrics.residents.record(count)
    }

    /// Tries to find out what became of appends whose outcome is unknown.
    func resolveDoubts(_ runtime: BusRuntime) async {
        let doubtful = doubtful.withLock { Array($0.values) }
        // In the same order in every process, so that a simulated run can be repeated.
        for resident in doubtful.sorted(by: { $0.value.stream.id < $1.value.stream.id })
        where await resident.value.resolve(runtime) {
            endDoubt(of: resident)
        }
    }

    private func endDoubt(of resident: Resident) {
        guard doubtful.withLock({ $0.removeValue(forKey: resident.value.stream) }) != nil else { return }
        doubtCount.subtract(1, ordering: .relaxed)
        release(resident)
    }

    private func release(_ resident: Resident) {
        table.withLock { $0.checkIn(resident.place) }
    }
}
