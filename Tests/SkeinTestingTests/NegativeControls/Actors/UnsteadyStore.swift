import Skein
import Synchronization

/// A store whose appends now and then fail before or after the commit, and let others in between.
final class UnsteadyStore: EventStoreDecorator {
    let base: any EventStore = InMemoryEventStore()
    private let random: Mutex<SeededRandom>

    init(seed: UInt64) {
        random = Mutex(SeededRandom(seed: seed))
    }

    private func chance(of share: Int) -> Bool {
        random.withLock { random in Int.random(in: 0..<100, using: &random) < share }
    }

    func append(_ append: StreamAppend) async throws(EventStoreError) -> AppendResult {
        for _ in 0..<3 where chance(of: 50) { await Task.yield() }
        if chance(of: 5) { throw EventStoreError(.transient, "before the commit") }
        let result = try await base.append(append)
        if chance(of: 5) { throw EventStoreError(.outcomeUnknown, "after the commit") }
        if chance(of: 5) { withUnsafeCurrentTask { $0?.cancel() } }
        for _ in 0..<3 where chance(of: 50) { await Task.yield() }
        return result
    }

    func read(
        _ stream: StreamID,
        from version: Int64,
        direction: ReadDirection,
        limit: Int
    ) async throws(EventStoreError) -> [StoredEvent] {
        if chance(of: 50) { await Task.yield() }
        return try await base.read(stream, from: version, direction: direction, limit: limit)
    }
}
