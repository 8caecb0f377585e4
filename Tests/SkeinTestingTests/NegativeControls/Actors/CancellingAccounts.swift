import Skein

/// Broken: a caller that is cancelled during the append is told that nothing was stored.
struct CancellingAccounts: AccountService {
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
                let result = try await ledger.commit(append)
                if Task.isCancelled { throw .cancelled }
                return try ledger.answer(to: commandID, append, result)
            } catch {
                if case .conflict = error { continue }
                throw error
            }
        }
    }

    func state(of id: BankAccount.ID) async throws(AccountError) -> BankAccount {
        try await ledger.state(of: id)
    }
}
