import Synchronization

/// Wakes partitions up whose last events are not saved yet: one clock for all of a bus, as a timer for each event would cost
/// more than the event.
final class SaveReminder: Sendable {
    private struct Wish {
        let due: Duration
        let wakeUp: WakeUp
    }

    private let time: any TimeSource
    private let wishes = Mutex<[Wish]>([])
    private let hasWishes = WakeUp()

    init(_ time: any TimeSource) {
        self.time = time
    }

    /// Signals once when a time has come, or with what was asked for before if that comes later.
    func remind(_ wakeUp: WakeUp, at due: Duration) {
        let isFirst = wishes.withLock { wishes in
            wishes.append(Wish(due: due, wakeUp: wakeUp))
            return wishes.count == 1
        }
        if isFirst { hasWishes.signal() }
    }

    /// Runs until it is cancelled.
    func run() async {
        while !Task.isCancelled {
            guard let next = wishes.withLock({ $0.map(\.due).min() }) else {
                await hasWishes.wait()
                continue
            }
            let left = next - time.uptime()
            if left > .zero, (try? await time.sleep(for: left)) == nil { return }
            let now = time.uptime()
            let due = wishes.withLock { wishes in
                defer { wishes.removeAll { $0.due <= now } }
                return wishes.filter { $0.due <= now }
            }
            for wish in due { wish.wakeUp.signal() }
        }
    }
}
