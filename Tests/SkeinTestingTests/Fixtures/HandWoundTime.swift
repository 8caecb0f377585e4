import Skein
import Synchronization

/// A clock that stands still until a test moves it.
final class HandWoundTime: TimeSource {
    private let passed = Mutex(Duration.zero)
    private let moves = CommitSignals()

    func now() -> Timestamp { Timestamp(microseconds: 0) }

    func uptime() -> Duration { passed.withLock { $0 } }

    func sleep(for duration: Duration) async throws {
        let end = uptime() + duration
        // The first signal comes at once.
        for await _ in moves.subscribe() where uptime() >= end { return }
        throw CancellationError()
    }

    func advance(by duration: Duration) {
        passed.withLock { $0 += duration }
        moves.signal()
    }
}
