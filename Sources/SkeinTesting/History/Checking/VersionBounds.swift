/// Which versions of a stream could be seen at a moment, from when its writes were asked for and acknowledged.
struct VersionBounds {
    private struct Mark {
        let moment: Int
        let version: Int64
    }

    /// When which version at least was known to all; both rise.
    private var acknowledged: [Mark] = []
    /// When which version at least had been seen by somebody; both rise.
    private var observed: [Mark] = []
    /// From which moment on which version was not asked for yet; both rise.
    private var unborn: [Mark] = []
    private let end: Int64

    init(_ writes: [Write], end: Int64) {
        self.end = end
        var highest: Int64 = 0
        for write in writes.sorted(by: { $0.completed < $1.completed }) where write.completed != .max {
            highest = max(highest, write.version)
            acknowledged.append(Mark(moment: write.completed, version: highest))
        }
        var lowest = Int64.max
        for write in writes.sorted(by: { $0.invoked > $1.invoked }) {
            lowest = min(lowest, write.versionBefore)
            unborn.append(Mark(moment: write.invoked, version: lowest))
        }
        unborn.reverse()
    }

    /// The lowest version that an operation may see that begins at a moment.
    func lowest(at moment: Int) -> Int64 {
        max(Self.last(acknowledged, before: moment), Self.last(observed, before: moment))
    }

    /// The highest version that an operation may have seen that is over at a moment.
    func highest(at moment: Int) -> Int64 {
        var low = 0
        var high = unborn.count
        while low < high {
            let middle = (low + high) / 2
            if unborn[middle].moment < moment { low = middle + 1 } else { high = middle }
        }
        return low < unborn.count ? min(unborn[low].version, end) : end
    }

    /// Notes that an operation has seen a version; to be called in the order of completions.
    mutating func note(_ version: Int64, completed moment: Int) {
        let highest = max(observed.last?.version ?? 0, version)
        observed.append(Mark(moment: moment, version: highest))
    }

    private static func last(_ marks: [Mark], before moment: Int) -> Int64 {
        var low = 0
        var high = marks.count
        while low < high {
            let middle = (low + high) / 2
            if marks[middle].moment < moment { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? 0 : marks[low - 1].version
    }
}
