/// An append of which is known what became of it.
struct SettledAppend: Sendable {
    let append: PendingAppend
    let outcome: AppendWriter.Outcome
}

/// Appends whose callers are still to be told, in order.
struct SettledAppends: Sendable {
    private var appends: [SettledAppend] = []
    private var told = 0

    var count: Int { appends.count - told }

    var isEmpty: Bool { count == 0 }

    mutating func add(_ further: [SettledAppend]) {
        appends += further
    }

    /// Tells some of the callers, or all if there are fewer.
    mutating func give(_ count: Int) {
        let end = min(told + count, appends.count)
        for settled in appends[told..<end] { settled.append.answer(settled.outcome) }
        told = end
        guard isEmpty else { return }
        appends.removeAll(keepingCapacity: true)
        told = 0
    }

    mutating func giveAll() {
        give(count)
    }
}
