import Skein

/// Broken: reads and rejections are served from a memory that others have left behind.
actor StaleAccounts: AccountService {
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
        while true {
            var account = try await account(id)
            let append = try ledger.append(
                command,
                to: id,
                as: commandID,
                on: account,
                expecting: .exactly(account.version)
            )
            // A rejection needs no version, it says to itself.
            var tolerant = append
            if append.eventCount == 0 { tolerant.expected = .any }
            do throws(AccountError) {
                let result = try await ledger.commit(tolerant)
                if case .stored = result {
                    account.apply(try ledger.events(append))
                    if account.version >= accounts[id]?.version ?? 0 { accounts[id] = account }
                }
                return try ledger.answer(to: commandID, append, result)
            } catch {
                guard case .conflict = error else { throw error }
                accounts[id] = try await ledger.read(id)
            }
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
