import Skein
import Synchronization

/// Shows how far a rebuild has come, and remembers where it began.
final class RebuildDisplay: Sendable {
    private let bar: ProgressBar
    private let seen = Mutex<(first: Double, last: Double)?>(nil)

    init(_ bar: ProgressBar = ProgressBar("Rebuilding")) {
        self.bar = bar
    }

    /// Where an earlier run was interrupted, from 0 to 1; nil if this one has begun with the first event.
    var resumedAt: Double? {
        seen.withLock { $0 }.flatMap { $0.first > 0 ? $0.first : nil }
    }

    func show(_ progress: RebuildProgress) {
        let isFirst = seen.withLock { seen in
            let first = seen?.first
            seen = (first ?? progress.fraction, progress.fraction)
            return first == nil
        }
        if isFirst { begin() }
        bar.show(progress.fraction, rate: progress.rate, timeLeft: progress.timeLeft)
    }

    /// Says what is left for the next run.
    func interrupt() {
        let fraction = seen.withLock { $0?.last } ?? 0
        bar.note("The rebuild is interrupted at \(Int(fraction * 100)) %, which is kept; readers have the old table")
    }

    func finish() {
        bar.finish()
    }

    private func begin() {
        if let resumedAt {
            bar.note("Rebuilding the table from \(Int(resumedAt * 100)) % on, where an earlier run was interrupted")
        } else {
            bar.note("Rebuilding the table beside the one that is read")
        }
    }
}
