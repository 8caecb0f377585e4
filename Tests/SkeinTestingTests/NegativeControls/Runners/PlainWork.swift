import Skein
import SkeinTesting

/// One part of a subscription in the hands of a ``PlainRunner``: takes it, reads, hands over, saves.
///
/// Whatever goes wrong with the store, it takes the part anew and begins again where the checkpoint is.
final class PlainWork {
    struct Unowned: Error {}

    let part: SubscriptionPartition
    let handler: WatchedHandler
    let control: RunnerControl
    private let host: SimulatedHost
    private let store: any EventStore
    private let stop: StopLine

    /// Everything up to here is done.
    var position: Int64 = 0
    /// The streams whose events wait.
    var parked: Set<StreamID> = []
    /// How many events are handed over at a time, and how often the first of them has failed.
    var size = 1
    var failures = 0
    private var checkpoint: Checkpoint?
    private var leaseEnd: Duration = .zero

    init(
        _ part: SubscriptionPartition,
        _ handler: WatchedHandler,
        _ host: SimulatedHost,
        _ store: any EventStore,
        _ control: RunnerControl,
        _ stop: StopLine
    ) {
        self.part = part
        self.handler = handler
        self.host = host
        self.store = store
        self.control = control
        self.stop = stop
    }

    var goesOn: Bool { !stop.isSet && !Task.isCancelled }
    var time: any TimeSource { host.configuration.environment.time }

    /// Reads and handles a page, and waits if there was nothing in it.
    func step() async {
        do {
            if checkpoint == nil { try await begin() }
            if handler.ledger.isHealed, !parked.isEmpty { try await retryParked() }
            let page = try await store.readLog(from: position, direction: .forward, filter: .all, limit: 7)
            let events = page.events.filter { part.contains($0.stream) }
            let isWhole = try await handler.subscription.batch == nil ? handleTogether(events) : handleInBatches(events)
            if isWhole, page.scannedThrough > position { try await save(to: page.scannedThrough) }
            if page.events.isEmpty { await pause(.milliseconds(20)) }
        } catch {
            checkpoint = nil
            await pause(.milliseconds(20))
        }
    }

    /// Gives the part back.
    func end() async {
        guard let checkpoint else { return }
        try? await store.releaseLease(of: checkpoint)
    }

    func pause(_ duration: Duration) async {
        try? await time.sleep(for: duration)
    }

    func read(at position: Int64) async throws -> StoredEvent? {
        let page = try await store.readLog(from: position - 1, direction: .forward, filter: .all, limit: 1)
        return page.events.first
    }

    func parkedPositions() async throws -> [Int64] {
        try await store.notes(of: part.key, topic: Self.topic, from: 0, limit: 1_000).map(\.key)
    }

    // MARK: Owning

    private func begin() async throws {
        let asked = time.uptime()
        let answer = try await store.acquireLease(on: part.key, for: host.name, lasting: DeliveryScenario.lease)
        guard case .acquired(let claimed, let wasReleased) = answer else { throw Unowned() }
        leaseEnd = asked + DeliveryScenario.lease
        position = claimed.position
        size = handler.subscription.batch ?? 1
        failures = 0
        parked = []
        if control != .forgetsTheParked {
            for position in try await parkedPositions() {
                if let event = try await read(at: position) { parked.insert(event.stream) }
            }
        }
        switch control {
        case .takesOverAtTheHead where !wasReleased: position = try await store.head()
        case .resumesOneTooFar where position > 0: position = min(position + 1, try await store.head())
        case .resumesOneTooEarly: position = max(position - 1, 0)
        default: break
        }
        checkpoint = claimed
    }

    /// Makes sure that the part is still owned, and for some time to come.
    func confirm() async throws {
        guard let checkpoint, control != .looksAtNoClock else { return }
        while time.uptime() > leaseEnd - DeliveryScenario.lease * 2 / 3 {
            let asked = time.uptime()
            do {
                try await store.renewLease(of: checkpoint, lasting: DeliveryScenario.lease)
                leaseEnd = asked + DeliveryScenario.lease
            } catch {
                guard control == .goesOnWithoutAsking else { throw error }
                return
            }
        }
    }

    /// Until when nobody else takes the part, as far as it is looked at.
    var ownedUntil: Duration {
        control == .goesOnWithoutAsking || control == .looksAtNoClock ? .seconds(1_000_000) : leaseEnd
    }

    /// Moves the checkpoint; who has lost it learns that here at the latest.
    func save(to wanted: Int64, changing notes: [NoteChange] = []) async throws {
        guard let old = checkpoint else { throw Unowned() }
        do {
            checkpoint = try await store.move(old, to: wanted, changing: notes)
        } catch {
            guard control == .goesOnWithoutAsking else { throw error }
        }
        position = wanted
    }

    // MARK: Parking

    static let topic = "parked"

    func park(_ event: StoredEvent) async throws {
        let note = SubscriptionNote(topic: Self.topic, key: event.position, content: [])
        try await save(to: event.position, changing: [.keep(note)])
        if control != .letsOthersOvertake { parked.insert(event.stream) }
    }

    private func retryParked() async throws {
        for parkedPosition in try await parkedPositions() {
            guard let event = try await read(at: parkedPosition) else { continue }
            try await confirm()
            try await handler.handle([History.Delivery(event, to: part.subscription)])
            try await save(to: position, changing: [.drop(topic: Self.topic, key: parkedPosition)])
        }
        parked = []
    }
}
