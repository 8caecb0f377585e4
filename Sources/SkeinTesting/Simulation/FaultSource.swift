import Skein
import Synchronization

/// Draws from the seed what goes wrong when, and counts it.
final class FaultSource: Sendable {
    private struct State {
        var random: SeededRandom
        var faults: SimulatedFaults
        var counts = Array(repeating: 0, count: SimulatedFault.allCases.count)
    }

    private let state: Mutex<State>

    init(_ faults: SimulatedFaults, seed: UInt64) {
        var random = SeededRandom(seed: seed)
        state = Mutex(State(random: random, faults: faults.drawn(using: &random)))
    }

    /// How often each fault happened.
    var counts: [SimulatedFault: Int] {
        state.withLock { state in
            Dictionary(uniqueKeysWithValues: SimulatedFault.allCases.map { ($0, state.counts[$0.rawValue]) })
        }
    }

    /// Whether a fault happens now.
    ///
    /// - Parameter share: How much of the chance this occasion has.
    func occurs(_ fault: SimulatedFault, share: Double = 1) -> Bool {
        state.withLock { state in
            let chance = state.faults[fault] * share
            guard chance > 0 else { return false }
            let occurs = Double(state.random.next() >> 11) / Double(1 << 53) < chance
            if occurs { state.counts[fault.rawValue] += 1 }
            return occurs
        }
    }

    /// A time of up to a limit.
    func duration(upTo limit: Duration) -> Duration {
        .microseconds(Int64(pick(UInt64(max(1, limit.microseconds)))))
    }

    /// A number below a limit.
    func pick(_ limit: UInt64) -> UInt64 {
        state.withLock { $0.random.next(upperBound: limit) }
    }

    /// Lets nothing go wrong any more.
    func end() {
        state.withLock { $0.faults = .none }
    }
}
