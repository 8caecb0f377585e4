/// Where the log ends, as long as only this process writes: the next append then need not ask.
///
/// It may be behind, which the unique key on positions finds out, but never ahead, which would leave a gap: so it holds for
/// one connection only. A server that has lost what it acknowledged, such as a standby that took over, ends them all.
struct LogEnd: Sendable {
    /// Nobody is asked again for longer than that after having been wrong.
    private static let mostNeeded = 1_024

    private let isUsed: Bool
    private var position: Int64?
    /// The number of deletions under which it is known: one for good may free positions.
    private var deletions: Int64 = -1
    /// How many times in a row the log ended where it was said to, and how often it has to before that is relied on.
    private var agreed = 0
    private var needed = 0

    /// - Parameter isUsed: Whether it is ever relied on.
    init(isUsed: Bool = true) {
        self.isUsed = isUsed
    }

    /// The log's end, if it can be relied on under a number of deletions.
    func position(under deletions: Int64) -> Int64? {
        isUsed && agreed >= needed && deletions == self.deletions ? position : nil
    }

    /// Notes what an append has found and where the log ends now.
    mutating func note(_ found: Int64, then end: Int64, deletions: Int64) {
        agreed = found == position && deletions == self.deletions ? min(agreed + 1, Self.mostNeeded) : 0
        if agreed == Self.mostNeeded { needed = 0 }
        position = end
        self.deletions = deletions
    }

    /// Notes that it was wrong, or may have been: another process writes as well.
    mutating func wasWrong() {
        needed = min(max(needed * 2, 4), Self.mostNeeded)
        forget()
    }

    mutating func forget() {
        position = nil
        agreed = 0
    }
}
