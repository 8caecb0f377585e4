import Skein

/// Broken: an error of the commit is swallowed and the command acknowledged.
struct SwallowingAccounts: AccountService {
    private let ledger: AccountLedger

    init(_ store: any EventStore) {
        ledger = AccountLedger(store)
    }

    func send(
        _ command: BankAccount.Command,
        to id: BankAccount.ID,
        commandID: CommandID
    ) async throws(AccountError) -> CommandReceipt<BankAccount> {
        var account = try await ledger.read(id)
        let append = try ledger.append(
            command,
            to: id,
            as: commandID,
            on: account,
            expecting: .exactly(account.version)
        )
        do throws(AccountError) {
            return try ledger.answer(to: commandID, append, try await ledger.commit(append))
        } catch {
            account.apply(try ledger.events(append))
            let head = (try? await ledger.store.head()) ?? 0
            let receipt = AppendReceipt(
                version: account.version,
                position: head,
                recordedAt: Timestamp(microseconds: 0)
            )
            return try ledger.answer(to: commandID, append, .stored(receipt))
        }
    }

    func state(of id: BankAccount.ID) async throws(AccountError) -> BankAccount {
        try await ledger.state(of: id)
    }
}
