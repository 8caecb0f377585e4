import Skein

/// Broken: reads its state, awaits the append, writes its state; others come in between, and nothing checks the version.
actor ReentrantAccounts: AccountService {
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
        let append = try ledger.append(command, to: id, as: commandID, on: account, expecting: .any)
        do throws(AccountError) {
            let result = try await ledger.commit(append)
            account.apply(try ledger.events(append))
            accounts[id] = account
            return try ledger.answer(to: commandID, append, result)
        } catch {
            throw error
        }
    }

    func state(of id: BankAccount.ID) async throws(AccountError) -> BankAccount {
        try await account(id).state
    }

    private func account(_ id: BankAccount.ID) async throws(AccountError) -> AccountLedger.Account {
        if let account = accounts[id] { return account }
        return try await ledger.read(id)
    }
}
