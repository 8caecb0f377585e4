import Skein
import SkeinTesting

/// A simulated process that carries out commands to bank accounts: a real bus, or something that only looks like one.
struct AccountNode: Sendable {
    private let sending: @Sendable (BankAccount.Command, BankAccount.ID, CommandOptions) async throws -> Void
    private let reading: @Sendable (BankAccount.ID) async throws -> Void
    private let asking: @Sendable (CommandID) async throws -> Void

    init(_ node: SimulatedNode<CommandBus>) {
        sending = { command, id, options in try await node.send(command, to: id, options: options) }
        reading = { id in _ = try await node.state(of: id) }
        asking = { id in _ = try await node.outcome(of: id) }
    }

    /// A process with a service that knows neither options nor subscriptions.
    init(_ node: SimulatedNode<any AccountService>, _ history: HistoryRecorder) {
        sending = { command, id, options in
            let commandID = options.id ?? history.nextCommandID()
            let call = History.CommandCall(id: commandID, stream: id.stream, command: History.Value(command))
            try await node.perform { service in
                let operation = history.invoke(.command(call), by: node.name)
                do throws(AccountError) {
                    let receipt = try await service.send(command, to: id, commandID: commandID)
                    history.complete(operation, .acknowledged(History.Acknowledgement(receipt)), by: node.name)
                } catch {
                    history.complete(operation, History.Answer(error, expected: .any), by: node.name)
                    throw error
                }
            }
        }
        reading = { id in
            try await node.perform { service in
                let operation = history.invoke(.read(id.stream), by: node.name)
                do throws(AccountError) {
                    let state = try await service.state(of: id)
                    history.complete(operation, .state(History.Value(state)), by: node.name)
                } catch {
                    history.complete(operation, History.Answer(error, expected: .any), by: node.name)
                    throw error
                }
            }
        }
        asking = { _ in }
    }

    func send(_ command: BankAccount.Command, to id: BankAccount.ID, options: CommandOptions) async throws {
        try await sending(command, id, options)
    }

    func read(_ id: BankAccount.ID) async throws { try await reading(id) }

    func ask(for command: CommandID) async throws { try await asking(command) }
}
