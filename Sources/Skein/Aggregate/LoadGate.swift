import DequeModule
import Synchronization

/// Lets a limited number of aggregates load at a time; the others wait in line.
///
/// Waiting here is not cancelled: others may wait for the same aggregate, and the line moves on by itself.
final class LoadGate: Sendable {
    private struct State {
        var free: Int
        var line: Deque<CheckedContinuation<Void, Never>> = []
    }

    private let state: Mutex<State>

    init(limit: Int) {
        state = Mutex(State(free: limit))
    }

    func enter() async {
        let mayEnter = state.withLock { state in
            guard state.free > 0 else { return false }
            state.free -= 1
            return true
        }
        guard !mayEnter else { return }
        await withCheckedContinuation { continuation in
            let mayEnter = state.withLock { state in
                guard state.free == 0 else {
                    state.free -= 1
                    return true
                }
                state.line.append(continuation)
                return false
            }
            if mayEnter { continuation.resume() }
        }
    }

    func leave() {
        let next = state.withLock { state in
            if let next = state.line.popFirst() { return next as CheckedContinuation<Void, Never>? }
            state.free += 1
            return nil
        }
        next?.resume()
    }
}
