import Skein
import Synchronization

/// What is known outside of the processes of a ``DeliveryScenario``.
final class DeliveryLedger: Sendable {
    private struct State {
        var isHealed = false
        var parked: [String: Set<Int64>] = [:]
        var stored: [Int64: Duration] = [:]
    }

    private let state = Mutex(State())

    /// Whether events that nobody can handle can be handled now.
    var isHealed: Bool { state.withLock { $0.isHealed } }

    /// The events that a part was ever asked to park, by its key.
    var parked: [String: Set<Int64>] { state.withLock { $0.parked } }

    /// When the sender of an event knew that it is stored, by position.
    var stored: [Int64: Duration] { state.withLock { $0.stored } }

    func heal() {
        state.withLock { $0.isHealed = true }
    }

    func park(_ position: Int64, of key: String) {
        state.withLock { _ = $0.parked[key, default: []].insert(position) }
    }

    func store(_ position: Int64, at time: Duration) {
        state.withLock { state in
            if state.stored[position] == nil { state.stored[position] = time }
        }
    }
}
