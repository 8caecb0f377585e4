import Synchronization

/// Asks long-lived parts to stop after what they are doing, which is gentler than cancelling them.
final class StopSignal: Sendable {
    private let isStopped = Atomic(false)
    private let signals = CommitSignals()

    var isSet: Bool { isStopped.load(ordering: .acquiring) }

    func set() {
        isStopped.store(true, ordering: .releasing)
        signals.finish()
    }

    /// Returns when the signal is set or the task is cancelled.
    func wait() async {
        // The sequence ends in both cases.
        for await _ in signals.subscribe() {}
    }
}
