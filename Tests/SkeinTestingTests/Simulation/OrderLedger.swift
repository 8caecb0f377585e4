import Skein
import SkeinTesting
import Synchronization

/// What all processes' handlers of a subscription have done, in the order of simulated time: the outside world.
///
/// An event may be handled again, by a crash or a process that lost its lease. What was handled first, counts: for each
/// stream it must be all of its events in order.
final class OrderLedger: Sendable {
    private struct State {
        var firsts: [StreamID: [Int64]] = [:]
        var seen: Set<Int64> = []
        var isHealed = false
    }

    private let state = Mutex(State())

    /// Whether events that nobody can handle can be handled now.
    var isHealed: Bool { state.withLock { $0.isHealed } }

    func heal() {
        state.withLock { $0.isHealed = true }
    }

    func handled<A: Aggregate>(_ event: RecordedEvent<A>) {
        state.withLock { state in
            guard state.seen.insert(event.position).inserted else { return }
            state.firsts[event.aggregateID.stream, default: []].append(event.version)
        }
    }

    /// Throws if a stream's events were not all handled, in order.
    func check(against log: [StoredEvent], of name: String) throws {
        let firsts = state.withLock { $0.firsts }
        for (stream, versions) in Dictionary(grouping: log, by: \.stream).mapValues({ $0.map(\.version) }) {
            guard firsts[stream] != versions else { continue }
            throw OutOfOrder(subscription: name, stream: stream, wanted: versions, handled: firsts[stream] ?? [])
        }
    }

    struct OutOfOrder: Error {
        let subscription: String
        let stream: StreamID
        let wanted: [Int64]
        let handled: [Int64]
    }
}
