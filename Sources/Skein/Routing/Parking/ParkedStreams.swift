/// The streams of which events are parked: later ones have to wait behind them.
struct ParkedStreams: Sendable {
    private var counts: [StreamID: Int] = [:]
    private(set) var eventCount = 0

    var isEmpty: Bool { counts.isEmpty }
    var streamCount: Int { counts.count }

    func contains(_ stream: StreamID) -> Bool { !counts.isEmpty && counts[stream] != nil }

    mutating func insert(_ stream: StreamID) {
        counts[stream, default: 0] += 1
        eventCount += 1
    }

    mutating func remove(_ stream: StreamID) {
        guard let count = counts[stream] else { return }
        counts[stream] = count > 1 ? count - 1 : nil
        eventCount -= 1
    }
}
