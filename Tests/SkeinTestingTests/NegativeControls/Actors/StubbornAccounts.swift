import Skein

/// Broken: after a conflict the same events are appended to the new version; nobody decides again.
struct StubbornAccounts: AccountService {
    private let ledger: AccountLedger

    init(_ store: any EventStore) {
        ledger = AccountLedger(store)
    }

    func send(
        _ command: BankAccount.Command,
        to id: BankAccount.ID,
        commandID: CommandID
    ) async throws(AccountError) -> CommandReceipt<BankAccount> {
        let account = try await ledger.read(id)
        var append = try ledger.append(
            command,
            to: id,
            as: commandID,
            on: account,
            expecting: .exactly(account.version)
        )
        while true {
            do throws(AccountError) {
                return try ledger.answer(to: commandID, append, try await ledger.commit(append))
            } catch {
                guard case .conflict(_, let actual) = error else { throw error }
                append.expected = .exactly(actual)
            }
        }
    }

    func state(of id: BankAccount.ID) async throws(AccountError) -> BankAccount {
        try await ledger.state(of: id)
    }
}
