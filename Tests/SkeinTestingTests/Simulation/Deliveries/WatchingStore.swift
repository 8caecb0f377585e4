import Skein
import SkeinTesting

/// A process's way to the store: each call is a step at which it may end, and what is parked is noted.
struct WatchingStore: EventStoreDecorator {
    let base: any EventStore
    let host: SimulatedHost
    let ledger: DeliveryLedger
    let crashPoint: CrashPoint

    func enter() async throws(EventStoreError) {
        await crashPoint.pass(host)
    }

    func move(
        _ checkpoint: Checkpoint,
        to position: Int64,
        changing notes: [NoteChange]
    ) async throws(EventStoreError) -> Checkpoint {
        try await enter()
        for case .keep(let note) in notes where note.topic == "parked" {
            ledger.park(note.key, of: checkpoint.subscription)
        }
        return try await base.move(checkpoint, to: position, changing: notes)
    }
}
