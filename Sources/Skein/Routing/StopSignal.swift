import Synchronization

/// Asks long-lived parts to stop after what they are doing, which is gentler than cancelling them.
final class StopSignal: Sendable {
    private struct State {
        var isSet = false
        var waiting: [Int: WakeUp] = [:]
        var nextKey = 0
    }

    private let isStopped = Atomic(false)
    private let state = Mutex(State())

    var isSet: Bool { isStopped.load(ordering: .acquiring) }

    func set() {
        isStopped.store(true, ordering: .releasing)
        let waiting = state.withLock { state in
            state.isSet = true
            defer { state.waiting = [:] }
            // The same order in every process, which makes a simulated run repeatable.
            return state.waiting.sorted { $0.key < $1.key }.map(\.value)
        }
        for wakeUp in waiting { wakeUp.signal() }
    }

    /// Returns when the signal is set or the task is cancelled.
    func wait() async {
        let wakeUp = WakeUp()
        guard let key = add(wakeUp) else { return }
        await wakeUp.wait()
        remove(key)
    }

    /// Returns when a time has passed, the signal is set or the task is cancelled.
    func wait(for duration: Duration, by time: any TimeSource) async {
        let wakeUp = WakeUp()
        guard let key = add(wakeUp) else { return }
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                try? await time.sleep(for: duration)
                wakeUp.signal()
            }
            await wakeUp.wait()
            group.cancelAll()
        }
        remove(key)
    }

    /// Nil if the signal is set.
    private func add(_ wakeUp: WakeUp) -> Int? {
        state.withLock { state in
            guard !state.isSet else { return nil }
            state.nextKey += 1
            state.waiting[state.nextKey] = wakeUp
            return state.nextKey
        }
    }

    private func remove(_ key: Int) {
        state.withLock { $0.waiting[key] = nil }
    }
}
