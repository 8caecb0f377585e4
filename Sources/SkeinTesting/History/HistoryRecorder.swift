public import Skein
import Synchronization

/// Takes a ``History`` down while buses, or anything else that carries out commands, are being used.
///
/// Everything that a checker is to know of must go through it: commands with ``recording(_:as:)``, handlers with
/// ``on(_:in:as:handle:)``, checkpoints with ``claimed(_:by:)`` and ``moved(_:by:)``, called by a store's wrapper.
public final class HistoryRecorder: Sendable {
    private struct State {
        var entries: [History.Entry] = []
        var count = 0
        var operations = 0
        let sink: (@Sendable (History.Entry) -> Void)?

        mutating func add(_ observation: History.Observation, _ node: String, _ time: Duration) {
            count += 1
            let entry = History.Entry(sequence: count, time: time, node: node, observation)
            if let sink { sink(entry) } else { entries.append(entry) }
        }
    }

    private let environment: RuntimeEnvironment
    private let state: Mutex<State>

    /// Creates a recorder.
    ///
    /// - Parameters:
    ///   - environment: Where times and the ids of commands are taken from.
    ///   - sink: Is given each entry as soon as it is seen, one after the other; ``history`` then stays empty. A process
    ///     that may be killed writes ``History/Entry/jsonLine`` to a file here.
    public init(environment: RuntimeEnvironment = .system, sink: (@Sendable (History.Entry) -> Void)? = nil) {
        self.environment = environment
        state = Mutex(State(sink: sink))
    }

    /// What was seen until now; nothing if there is a sink.
    public var history: History {
        state.withLock { History($0.entries) }
    }

    /// A new command id, for who sends commands in another way than through ``RecordedBus``.
    public func nextCommandID() -> CommandID {
        let bits = environment.identifiers.next(at: environment.time.now())
        return CommandID(high: bits.high, low: bits.low)
    }

    /// Notes that a client asks for something; call it right before. Returns the operation's number.
    public func invoke(_ call: History.Call, by node: String) -> Int {
        let time = environment.time.uptime()
        return state.withLock { state in
            state.operations += 1
            state.add(.invoked(operation: state.operations, call), node, time)
            return state.operations
        }
    }

    /// Notes that a client has its answer; call it right after.
    public func complete(_ operation: Int, _ answer: History.Answer, by node: String) {
        add(.completed(operation: operation, answer), node)
    }

    /// Notes that a handler is given an event.
    public func delivered(_ delivery: History.Delivery, to node: String) {
        add(.delivered(delivery), node)
    }

    /// Notes that a handler is done with an event.
    public func handled(_ delivery: History.Delivery, by node: String) {
        add(.handled(delivery), node)
    }

    /// Notes that a node has claimed a subscription's checkpoint.
    public func claimed(_ checkpoint: Checkpoint, by node: String) {
        add(.claimed(checkpoint), node)
    }

    /// Notes that a node has moved a subscription's checkpoint, which is now as given.
    public func moved(_ checkpoint: Checkpoint, by node: String) {
        add(.moved(checkpoint), node)
    }

    /// Notes something for people who read the history.
    public func note(_ text: String, at node: String) {
        add(.noted(text), node)
    }

    private func add(_ observation: History.Observation, _ node: String) {
        let time = environment.time.uptime()
        state.withLock { $0.add(observation, node, time) }
    }
}
