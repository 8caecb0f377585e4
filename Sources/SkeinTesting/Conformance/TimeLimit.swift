import Synchronization

/// The safety net under a case: whatever hangs in it, the suite goes on.
enum TimeLimit {
    /// Runs a body; if it does not end in time, cancels it, leaves it to itself and throws ``ConformanceTimeout``.
    static func run(within limit: Duration, _ body: @escaping @Sendable () async throws -> Void) async throws {
        let answer = FirstAnswer()
        // Not a task group: that would wait for a call that never returns.
        let work = Task { () async -> Void in
            do {
                try await body()
                answer.give(.success(()))
            } catch {
                answer.give(.failure(error))
            }
        }
        let alarm = Task { () async -> Void in
            guard (try? await Task.sleep(for: limit)) != nil else { return }
            answer.give(.failure(ConformanceTimeout(limit: limit)))
            work.cancel()
        }
        defer { alarm.cancel() }
        try await withTaskCancellationHandler {
            try await answer.value()
        } onCancel: {
            work.cancel()
        }
    }
}

/// The first of several answers; the others are dropped.
private final class FirstAnswer: Sendable {
    private struct State {
        var answer: Result<Void, any Error>?
        var waiting: CheckedContinuation<Void, any Error>?
    }

    private let state = Mutex(State())

    func give(_ answer: Result<Void, any Error>) {
        let waiting: CheckedContinuation<Void, any Error>? = state.withLock { state in
            guard state.answer == nil else { return nil }
            state.answer = answer
            return state.waiting
        }
        waiting?.resume(with: answer)
    }

    func value() async throws {
        try await withCheckedThrowingContinuation { continuation in
            let answer = state.withLock { state in
                if state.answer == nil { state.waiting = continuation }
                return state.answer
            }
            if let answer { continuation.resume(with: answer) }
        }
    }
}
