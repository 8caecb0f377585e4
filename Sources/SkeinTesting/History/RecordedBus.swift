public import Skein

/// A client's way to a bus that takes down what it asks for and what it is told.
public struct RecordedBus: Sendable {
    /// The bus.
    public let bus: CommandBus

    private let recorder: HistoryRecorder
    private let node: String

    init(_ bus: CommandBus, _ recorder: HistoryRecorder, _ node: String) {
        self.bus = bus
        self.recorder = recorder
        self.node = node
    }

    /// Sends a command.
    ///
    /// A missing id is made up here, so that it is known even if no answer comes. To the bus it then is an id that the
    /// sender chose: rejections are kept in the store. With `isNamed: false` the bus makes the id up, as it does in
    /// production; a checker then can tell less about commands without an answer.
    @discardableResult
    public func send<A: Aggregate>(
        _ command: A.Command,
        to id: AggregateID<A>,
        options: CommandOptions = .standard,
        isNamed: Bool = true
    ) async throws(CommandError<A.Rejection>) -> CommandReceipt<A> {
        var options = options
        if isNamed, options.id == nil { options.id = recorder.nextCommandID() }
        let call = History.CommandCall(
            id: options.id,
            stream: id.stream,
            expected: options.expectedVersion,
            command: History.Value(command)
        )
        let operation = recorder.invoke(.command(call), by: node)
        do throws(CommandError<A.Rejection>) {
            let receipt = try await bus.send(command, to: id, options: options)
            recorder.complete(operation, .acknowledged(History.Acknowledgement(receipt)), by: node)
            return receipt
        } catch {
            recorder.complete(operation, History.Answer(error, expected: options.expectedVersion), by: node)
            throw error
        }
    }

    /// Reads an aggregate's state.
    public func state<A: Aggregate>(of id: AggregateID<A>) async throws(CommandError<A.Rejection>) -> A {
        let operation = recorder.invoke(.read(id.stream), by: node)
        do throws(CommandError<A.Rejection>) {
            let state = try await bus.state(of: id)
            recorder.complete(operation, .state(History.Value(state)), by: node)
            return state
        } catch {
            recorder.complete(operation, History.Answer(error, expected: .any), by: node)
            throw error
        }
    }

    /// Asks what became of a command.
    public func outcome(of command: CommandID) async throws(EventStoreError) -> KnownCommand? {
        let operation = recorder.invoke(.outcome(command), by: node)
        do throws(EventStoreError) {
            let known = try await bus.outcome(of: command)
            recorder.complete(operation, .outcome(History.Outcome(known)), by: node)
            return known
        } catch {
            recorder.complete(operation, .failed(History.Failure("store")), by: node)
            throw error
        }
    }
}

extension HistoryRecorder {
    /// A client's way to a bus; the node's name tells clients apart in the history.
    public func recording(_ bus: CommandBus, as node: String) -> RecordedBus {
        RecordedBus(bus, self, node)
    }
}
