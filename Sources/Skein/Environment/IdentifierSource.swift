import Synchronization

/// Makes the ids that nobody chose: of commands, and from them of events.
public protocol IdentifierSource: Sendable {
    /// Returns 128 bits that no other call, here or in another process, returns.
    func next(at now: Timestamp) -> (high: UInt64, low: UInt64)
}

/// Time-ordered UUIDs (version 7) that rise within a process; a call costs some 40 ns.
///
/// They are unique, not secret: whoever sees some of them can guess others.
public final class TimeOrderedIdentifiers: IdentifierSource {
    private struct State {
        var milliseconds: UInt64 = 0
        var counter: UInt64 = 0
        var random: SeededRandom
    }

    private let state: Mutex<State>

    /// Creates a source; a seed is for repeatable tests only, without one the system's random numbers are taken.
    public init(seed: UInt64? = nil) {
        state = Mutex(State(random: SeededRandom(seed: seed ?? .random(in: .min ... .max))))
    }

    public func next(at now: Timestamp) -> (high: UInt64, low: UInt64) {
        state.withLock { state in
            let milliseconds = UInt64(max(0, now.microseconds / 1_000)) & 0xFFFF_FFFF_FFFF
            if milliseconds > state.milliseconds {
                state.milliseconds = milliseconds
                state.counter = 0
            } else {
                state.counter += 1
                // The 12-bit counter is used up: borrow the next millisecond, so that ids still rise.
                if state.counter > 0xFFF {
                    state.milliseconds += 1
                    state.counter = 0
                }
            }
            let high = state.milliseconds << 16 | 0x7000 | state.counter
            let low = state.random.next() >> 2 | 0x8000_0000_0000_0000
            return (high, low)
        }
    }
}

extension IdentifierSource {
    package func next<Kind>(_ kind: UniqueID<Kind>.Type = UniqueID<Kind>.self, at now: Timestamp) -> UniqueID<Kind> {
        let bits = next(at: now)
        return UniqueID(high: bits.high, low: bits.low)
    }
}

extension EventID {
    /// The id of the event that a command produced at an ordinal, counted from 0.
    ///
    /// It follows from the command's id, so that an append that is repeated carries the same ids; the time in a
    /// time-ordered command id is kept.
    public init(command: CommandID, ordinal: Int) {
        let mixed = SeededRandom.mix(
            command.low ^ SeededRandom.mix(command.high &+ UInt64(truncatingIfNeeded: ordinal) &* 0x9E37_79B9_7F4A_7C15)
        )
        self.init(high: command.high, low: mixed >> 2 | 0x8000_0000_0000_0000)
    }
}
