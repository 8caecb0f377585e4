/// Decides whether all callers share one group, or two groups take turns: while one is at the server, the next is written.
///
/// Taking turns keeps the processors of both sides busy, and waits for the disk twice as often. Which of both stores more
/// depends on the disk, the processors and the callers. So it is measured: now and then the other way is tried for a while.
struct CommitPace: Sendable {
    /// Whether two groups take turns.
    private(set) var takesTurns: Bool

    /// A measurement takes at least so many groups and so many nanoseconds.
    private static let groups = 8
    private static let duration: UInt64 = 50_000_000

    /// Smaller groups would gain nothing when they are divided.
    private static let smallest = 4

    /// How much more the other way has to store.
    private static let gain = 1.05

    /// Whether there is nothing to find out.
    private let isFixed: Bool
    private var start: UInt64?
    private var appends = 0
    private var groups = 0
    /// What the usual way stored in the last measurement, in appends per nanosecond.
    private var usual = 0.0
    private var isTrial = false
    /// How many measurements there are until the next trial, and how many there were before this one.
    private var pause = 1
    private var lastPause = 2

    /// - Parameter takesTurns: Nil finds it out.
    init(takesTurns: Bool? = nil) {
        self.takesTurns = takesTurns ?? false
        isFixed = takesTurns != nil
    }

    /// Notes that a group was stored.
    ///
    /// - Parameter now: Nanoseconds on a clock that only goes forward.
    mutating func note(_ appends: Int, at now: UInt64) {
        guard !isFixed else { return }
        // The first group of a measurement was on its way before.
        guard let start else {
            self.start = now
            return
        }
        self.appends += appends
        groups += 1
        guard groups >= Self.groups, now >= start + Self.duration else { return }
        conclude(Double(self.appends) / Double(now - start), size: self.appends / groups)
        self.start = nil
        self.appends = 0
        groups = 0
    }

    private mutating func conclude(_ speed: Double, size: Int) {
        if isTrial {
            isTrial = false
            let isBetter = speed > usual * Self.gain
            if !isBetter { takesTurns.toggle() }
            lastPause = isBetter ? 4 : min(lastPause * 2, 32)
            pause = lastPause
            return
        }
        usual = speed
        pause -= 1
        if takesTurns, size < Self.smallest / 2 {
            takesTurns = false
        } else if pause <= 0, size >= (takesTurns ? Self.smallest / 2 : Self.smallest) {
            isTrial = true
            takesTurns.toggle()
        }
    }
}
