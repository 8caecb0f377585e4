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
    /// What was stored since then.
    private var measured: [Group] = []
    private var lastGroup: UInt64 = 0
    /// What the usual way stored in the last measurement, in appends per nanosecond.
    private var usual = 0.0
    private var isTrial = false
    /// How many measurements there are until the next trial, and how many there were before this one.
    private var pause = 1
    private var lastPause = 2

    private struct Group {
        let appends: Int
        let nanoseconds: UInt64

        var speed: Double { Double(appends) / Double(nanoseconds) }
    }

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
        defer { lastGroup = now }
        // The first group of a measurement was on its way before.
        guard let start else {
            self.start = now
            return
        }
        measured.append(Group(appends: appends, nanoseconds: now > lastGroup ? now - lastGroup : 1))
        guard measured.count >= Self.groups, now >= start + Self.duration else { return }
        conclude(speed, size: measured.reduce(0) { $0 + $1.appends } / measured.count)
        self.start = nil
        measured.removeAll(keepingCapacity: true)
    }

    /// In appends per nanosecond, without the slowest quarter of the groups: a disk or a processor that was busy with
    /// something else tells nothing about either way.
    private var speed: Double {
        let kept = measured.sorted { $0.speed > $1.speed }.prefix(measured.count - measured.count / 4)
        let (appends, time) = kept.reduce((0, 0)) { ($0.0 + $1.appends, $0.1 + $1.nanoseconds) }
        return Double(appends) / Double(time)
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
