import Skein
import SkeinTesting

/// What the clients of a ``BankScenario`` do.
struct BankClients: Sendable {
    static let openingBalance = 100

    let world: SimulatedWorld
    let nodes: [AccountNode]
    let accounts: [BankAccount.ID]

    func open() async throws {
        for account in accounts {
            try await sendUntilKnown(.open(owner: account.value), to: account, as: world.history.nextCommandID())
            let deposit = BankAccount.Command.deposit(amount: Self.openingBalance)
            try await sendUntilKnown(deposit, to: account, as: world.history.nextCommandID())
        }
    }

    func act(as client: Int, times: Int) async throws {
        var random = world.random
        var sent: [(BankAccount.Command, BankAccount.ID, CommandID)] = []
        var left = times
        while left > 0 {
            left -= 1
            let account = pick(&random)
            switch random.next(upperBound: 10 as UInt64) {
            case 0, 1:
                try? await node(&random).read(account)
            case 2:
                guard let (command, account, id) = sent.randomElement(using: &random) else { continue }
                // A sender that does not remember whether it has sent: nothing must happen twice.
                try await sendUntilKnown(command, to: account, as: id)
            case 3:
                guard let (_, _, id) = sent.randomElement(using: &random) else { continue }
                try? await node(&random).ask(for: id)
            case 4:
                let options = CommandOptions(expectedVersion: .exactly(Int64.random(in: 1...20, using: &random)))
                try? await node(&random).send(.withdraw(amount: 0), to: account, options: options)
            case 5:
                try? await node(&random).send(.withdraw(amount: 1_000_000), to: account, options: .standard)
            default:
                left -= 1
                let (amount, other) = (Int.random(in: 1...60, using: &random), pick(&random))
                let (withdrawal, deposit) = (world.history.nextCommandID(), world.history.nextCommandID())
                let withdraw = BankAccount.Command.withdraw(amount: amount)
                sent.append((withdraw, account, withdrawal))
                guard try await sendUntilKnown(withdraw, to: account, as: withdrawal) else { continue }
                sent.append((.deposit(amount: amount), other, deposit))
                try await sendUntilKnown(.deposit(amount: amount), to: other, as: deposit)
            }
        }
    }

    func readAll() async throws {
        for node in nodes {
            for account in accounts { try await node.read(account) }
        }
    }

    /// Sends a command again and again until it is stored or the domain says no, which gives false.
    @discardableResult
    private func sendUntilKnown(
        _ command: BankAccount.Command,
        to account: BankAccount.ID,
        as id: CommandID
    ) async throws -> Bool {
        var random = world.random
        while true {
            do {
                try await node(&random).send(command, to: account, options: CommandOptions(id: id))
                return true
            } catch let error as CommandError<BankAccount.Rejection> {
                if case .rejected = error { return false }
            } catch is SimulatedCrash {
            } catch is CancellationError {
            }
            try await world.sleep(for: .milliseconds(Int64.random(in: 0...20, using: &random)))
        }
    }

    private func node(_ random: inout SimulatedRandom) -> AccountNode {
        nodes[Int.random(in: 0..<nodes.count, using: &random)]
    }

    private func pick(_ random: inout SimulatedRandom) -> BankAccount.ID {
        accounts[Int.random(in: 0..<accounts.count, using: &random)]
    }
}
