import Skein
import SkeinTesting
import Synchronization

/// Something that runs subscriptions: a bus, or what is held against the same rules.
protocol DeliveryRunner: Sendable {
    /// Runs until it is asked to stop, after what is in its hands, or is cancelled.
    func run(until stop: StopLine) async throws
}

/// A process that runs subscriptions, stops when it is asked to, and begins again with a runner that knows nothing.
final class DeliveryProcess: Sendable {
    enum Stop: CaseIterable { case gracefully, atOnce }

    private let make: @Sendable () throws -> any DeliveryRunner
    private let stops = Mutex<AsyncStream<Stop>.Continuation?>(nil)

    init(_ make: @escaping @Sendable () throws -> any DeliveryRunner) {
        self.make = make
    }

    func stop(_ stop: Stop) {
        _ = stops.withLock { $0 }?.yield(stop)
    }

    func run() async throws {
        while !Task.isCancelled {
            let runner = try make()
            let line = StopLine()
            let (asked, continuation) = AsyncStream.makeStream(of: Stop.self)
            stops.withLock { $0 = continuation }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for await stop in asked {
                        line.set()
                        guard stop == .gracefully else { throw CancellationError() }
                        return
                    }
                }
                group.addTask {
                    try await runner.run(until: line)
                    continuation.finish()
                }
                while let ended = await group.nextResult() {
                    guard case .failure(let error) = ended else { continue }
                    group.cancelAll()
                    guard error is CancellationError else { throw error }
                }
            }
        }
    }
}

/// Asks a runner to stop; for one who waits.
final class StopLine: Sendable {
    private let signals = AsyncStream.makeStream(of: Void.self)
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .acquiring) }

    func set() {
        flag.store(true, ordering: .releasing)
        signals.continuation.finish()
    }

    /// Returns when it is set, or the task is cancelled.
    func wait() async {
        for await _ in signals.stream {}
    }
}
