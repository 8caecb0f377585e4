import Skein

/// Broken: command ids are known only in memory: another process carries a repetition out anew.
actor ShortMemoryAccounts: AccountService {
    private let ledger: AccountLedger
    private var answers: [CommandID: CommandReceipt<BankAccount>] = [:]

    init(_ store: any EventStore) {
        ledger = AccountLedger(store)
    }

    func send(
        _ command: BankAccount.Command,
        to id: BankAccount.ID,
        commandID: CommandID
    ) async throws(AccountError) -> CommandReceipt<BankAccount> {
        if let answer = answers[commandID] { return answer }
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
                let result = try await ledger.commit(append)
                if case .known = result {
                    attempt = CommandID(high: attempt.high, low: attempt.low &+ 1)
                    continue
                }
                let answer = try ledger.answer(to: commandID, append, result)
                answers[commandID] = CommandReceipt(
                    commandID: commandID,
                    version: answer.version,
                    position: answer.position,
                    events: answer.events,
                    isRepeated: true
                )
                return answer
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
