/// How many events a second were handled over the last seconds.
struct RateMeter: Sendable {
    private static let span: Duration = .seconds(5)
    private static let step: Duration = .milliseconds(500)

    private var samples: [(time: Duration, count: Int)] = []
    private var count = 0

    /// Notes that events were handled by now.
    mutating func add(_ events: Int, at now: Duration) {
        if samples.last.map({ now - $0.time >= Self.step }) ?? true {
            samples.append((now, count))
            if samples.count > 12 { samples.removeFirst() }
        }
        count += events
    }

    func rate(at now: Duration) -> Double {
        guard let first = samples.first(where: { now - $0.time <= Self.span }) else { return 0 }
        // Less than a step says nothing yet.
        let passed = max(now - first.time, Self.step)
        return Double(count - first.count) / (passed / .seconds(1))
    }
}
