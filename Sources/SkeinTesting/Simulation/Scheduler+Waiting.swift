import Synchronization

extension Scheduler {
    /// Suspends the calling task for a virtual time; false if it was cancelled first.
    func sleep(for duration: Duration, _ executor: Int) async -> Bool {
        let sleeper = Sleeper()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                guard sleeper.begin(continuation) else { return continuation.resume(returning: false) }
                let timer = schedule(
                    after: duration,
                    Work(executor: executor, isResumption: true) { sleeper.end(true) }
                )
                sleeper.onEnd { _ = self.unschedule(timer) }
            }
        } onCancel: {
            sleeper.end(false)
        }
    }

    /// Suspends the calling task for a virtual time, even if it is cancelled.
    func pause(for duration: Duration, _ executor: Int) async {
        await withCheckedContinuation { continuation in
            _ = schedule(after: duration, Work(executor: executor, isResumption: true) { continuation.resume() })
        }
    }

    /// Lets others run first, if the seed wants it so.
    func yield(_ executor: Int) async {
        await withCheckedContinuation { continuation in
            add(Work(executor: executor, isResumption: true) { continuation.resume() })
        }
    }
}

/// A task that waits for a timer or its cancellation, whichever comes first.
private final class Sleeper: Sendable {
    private enum Phase {
        case awake
        case asleep(CheckedContinuation<Bool, Never>, onEnd: (@Sendable () -> Void)?)
        case over
    }

    private let phase = Mutex(Phase.awake)

    /// False if it is over already.
    func begin(_ continuation: CheckedContinuation<Bool, Never>) -> Bool {
        phase.withLock { phase in
            guard case .awake = phase else { return false }
            phase = .asleep(continuation, onEnd: nil)
            return true
        }
    }

    func onEnd(_ action: @escaping @Sendable () -> Void) {
        phase.withLock { phase in
            if case .asleep(let continuation, _) = phase { phase = .asleep(continuation, onEnd: action) }
        }
    }

    func end(_ isRested: Bool) {
        let before = phase.withLock { phase in
            defer { phase = .over }
            return phase
        }
        guard case .asleep(let continuation, let onEnd) = before else { return }
        onEnd?()
        continuation.resume(returning: isRested)
    }
}
