import Skein
import SkeinTesting
import Synchronization

/// Ends a process at the n-th step that any of them takes: before a call of the store, before or after an effect.
final class CrashPoint: Sendable {
    private struct State {
        var count = 0
        var isRetired = false
        var crash: (@Sendable (String) -> Void)?
    }

    private let step: Int?
    private let state = Mutex(State())

    /// - Parameter step: The step that is the last one of whoever takes it; nil for none.
    init(at step: Int?) {
        self.step = step
    }

    /// Whether there were so many steps.
    var wasReached: Bool { state.withLock { $0.count >= step ?? .max } }

    /// Takes no more steps for steps: everything is over, and what is left comes to its end.
    func retire() {
        state.withLock { $0.isRetired = true }
    }

    /// Says how a process is ended, by the name of its life.
    func onCrash(_ crash: @escaping @Sendable (String) -> Void) {
        state.withLock { $0.crash = crash }
    }

    func pass(_ host: SimulatedHost) async {
        let crash = state.withLock { state -> (@Sendable (String) -> Void)? in
            guard !state.isRetired else { return nil }
            state.count += 1
            return state.count == step ? state.crash : nil
        }
        guard let crash else { return }
        crash(host.name)
        // Nothing of the process goes on behind a suspension.
        try? await host.configuration.environment.time.sleep(for: .seconds(3_600))
    }
}
