import Skein

/// Broken: what has an unknown outcome is tried again under a new id, and is then applied twice.
struct ImpatientAccounts: AccountService {
    private let ledger: AccountLedger

    init(_ store: any EventStore) {
        ledger = AccountLedger(store)
    }

    func send(
        _ command: BankAccount.Command,
        to id: BankAccount.ID,
        commandID: CommandID
    ) async throws(AccountError) -> CommandReceipt<BankAccount> {
        var attempt = commandID
        while true {
            let account = try await ledger.read(id)
            let append = try ledger.append(
                command,
                to: id,
                as: attempt,
                on: account,
                expecting: .exactly(account.version)
            )
            do throws(AccountError) {
                return try ledger.answer(to: commandID, append, try await ledger.attempt(append))
            } catch {
                switch error {
                case .conflict: continue
                case .outcomeUnknown: attempt = CommandID(high: attempt.high, low: attempt.low &+ 1)
                default: throw error
                }
            }
        }
    }

    func state(of id: BankAccount.ID) async throws(AccountError) -> BankAccount {
        try await ledger.state(of: id)
    }
}
