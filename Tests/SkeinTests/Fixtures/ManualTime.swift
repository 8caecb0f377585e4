import Skein
import Synchronization

/// A clock that moves only when a test says so.
final class ManualTime: TimeSource {
    private struct State {
        var uptime: Duration = .zero
        var sleepers: [Int: (end: Duration, continuation: CheckedContinuation<Bool, Never>)] = [:]
        var cancelled: Set<Int> = []
        var nextKey = 0
    }

    private let state = Mutex(State())

    func now() -> Timestamp {
        let passed = uptime()
        let microseconds = passed.components.seconds * 1_000_000 + passed.components.attoseconds / 1_000_000_000_000
        return Timestamp(microseconds: 1_700_000_000_000_000 + microseconds)
    }

    func uptime() -> Duration {
        state.withLock { $0.uptime }
    }

    /// How many tasks are asleep.
    var sleeperCount: Int { state.withLock { $0.sleepers.count } }

    func sleep(for duration: Duration) async throws {
        let key = state.withLock { state in
            state.nextKey += 1
            return state.nextKey
        }
        let isOver = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver: Bool? = state.withLock { state in
                    if state.cancelled.remove(key) != nil { return false }
                    if duration <= .zero { return true }
                    state.sleepers[key] = (state.uptime + duration, continuation)
                    return nil
                }
                if let isOver { continuation.resume(returning: isOver) }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                let sleeper = state.sleepers.removeValue(forKey: key)
                if sleeper == nil { state.cancelled.insert(key) }
                return sleeper
            }
            sleeper?.continuation.resume(returning: false)
        }
        guard isOver else { throw CancellationError() }
    }

    /// Lets time pass, and wakes who has slept long enough, the earliest first.
    func advance(by duration: Duration) {
        let due = state.withLock { state in
            state.uptime += duration
            let due = state.sleepers.filter { $0.value.end <= state.uptime }
            for key in due.keys { state.sleepers[key] = nil }
            return due.sorted { ($0.value.end, $0.key) < ($1.value.end, $1.key) }
        }
        for sleeper in due { sleeper.value.continuation.resume(returning: true) }
    }
}
