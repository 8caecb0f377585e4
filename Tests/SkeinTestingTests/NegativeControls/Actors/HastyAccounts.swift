import Skein

/// Broken: events are applied before the commit and stay when it fails.
actor HastyAccounts: AccountService {
    private let ledger: AccountLedger
    private var accounts: [BankAccount.ID: AccountLedger.Account] = [:]

    init(_ store: any EventStore) {
        ledger = AccountLedger(store)
    }

    func send(
        _ command: BankAccount.Command,
        to id: BankAccount.ID,
        commandID: CommandID
    ) async throws(AccountError) -> CommandReceipt<BankAccount> {
        var account = try await account(id)
        let append = try ledger.append(
            command,
            to: id,
            as: commandID,
            on: account,
            expecting: .exactly(account.version)
        )
        account.apply(try ledger.events(append))
        accounts[id] = account
        do throws(AccountError) {
            return try ledger.answer(to: commandID, append, try await ledger.commit(append))
        } catch {
            // The version is mended, so that the next append goes through; the state is not.
            if let version = try? await ledger.store.version(of: id.stream) { accounts[id]?.version = version }
            throw error
        }
    }

    func state(of id: BankAccount.ID) async throws(AccountError) -> BankAccount {
        try await account(id).state
    }

    private func account(_ id: BankAccount.ID) async throws(AccountError) -> AccountLedger.Account {
        if let account = accounts[id] { return account }
        let account = try await ledger.read(id)
        accounts[id] = account
        return account
    }
}
