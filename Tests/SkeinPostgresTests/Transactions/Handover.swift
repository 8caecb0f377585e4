import Dispatch
import Synchronization

/// Lets a test do something while a body waits on its thread.
final class Handover<Value: Sendable>: Sendable {
    private let arrivals: AsyncStream<Value>
    private let arrival: AsyncStream<Value>.Continuation
    private let isDone = DispatchSemaphore(value: 0)

    init() {
        (arrivals, arrival) = AsyncStream.makeStream()
    }

    /// Called by the body: hands a value over and waits, for a while at most, until the test goes on.
    func wait(with value: Value) {
        arrival.yield(value)
        _ = isDone.wait(timeout: .now() + 20)
    }

    /// Called by the test: waits until the body waits.
    func arrived() async -> Value? {
        for await value in arrivals { return value }
        return nil
    }

    /// Called by the test: lets the body go on.
    func goOn() { isDone.signal() }
}

/// Different texts that bodies have seen.
final class Collected: Sendable {
    private let texts = Mutex<Set<String>>([])

    var count: Int { texts.withLock { $0.count } }

    func insert(_ text: String) { texts.withLock { _ = $0.insert(text) } }
}
