import Skein

/// Broken: that the store knows the command is taken for success of what was decided just now.
struct SelfAssuredAccounts: AccountService {
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
                guard case .known = result else { return try ledger.answer(to: commandID, append, result) }
                let events = try ledger.events(append)
                let version = account.version + Int64(events.count)
                let receipt = AppendReceipt(version: version, position: version, recordedAt: Timestamp(microseconds: 0))
                return try ledger.answer(to: commandID, append, .stored(receipt))
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
