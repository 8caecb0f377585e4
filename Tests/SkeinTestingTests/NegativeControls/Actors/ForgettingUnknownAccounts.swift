import Skein

/// Broken: an unknown outcome is told as an error after which nothing is stored.
struct ForgettingUnknownAccounts: AccountService {
    private let ledger: AccountLedger

    init(_ store: any EventStore) {
        ledger = AccountLedger(store)
    }

    func send(
        _ command: BankAccount.Command,
        to id: BankAccount.ID,
        commandID: CommandID
    ) async throws(AccountError) -> CommandReceipt<BankAccount> {
        while true {
            let account = try await ledger.read(id)
            let append = try ledger.append(
                command,
                to: id,
                as: commandID,
                on: account,
                expecting: .exactly(account.version)
            )
            do throws(AccountError) {
                return try ledger.answer(to: commandID, append, try await ledger.attempt(append))
            } catch {
                if case .conflict = error { continue }
                if case .outcomeUnknown = error { throw .store(EventStoreError(.transient, "it failed")) }
                throw error
            }
        }
    }

    func state(of id: BankAccount.ID) async throws(AccountError) -> BankAccount {
        try await ledger.state(of: id)
    }
}
