import Skein

typealias AccountError = CommandError<BankAccount.Rejection>

/// Carries out commands to bank accounts: the real bus, or something that only looks like one.
protocol AccountService: Sendable {
    func send(
        _ command: BankAccount.Command,
        to id: BankAccount.ID,
        commandID: CommandID
    ) async throws(AccountError) -> CommandReceipt<BankAccount>

    func state(of id: BankAccount.ID) async throws(AccountError) -> BankAccount
}

/// The real bus.
struct RealAccounts: AccountService {
    let bus: CommandBus

    func send(
        _ command: BankAccount.Command,
        to id: BankAccount.ID,
        commandID: CommandID
    ) async throws(AccountError) -> CommandReceipt<BankAccount> {
        try await bus.send(command, to: id, options: CommandOptions(id: commandID))
    }

    func state(of id: BankAccount.ID) async throws(AccountError) -> BankAccount {
        try await bus.state(of: id)
    }
}
