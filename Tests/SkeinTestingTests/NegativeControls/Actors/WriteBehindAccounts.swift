import Skein

/// Broken: acknowledges before the commit, which is made with the next call.
actor WriteBehindAccounts: AccountService {
    private let ledger: AccountLedger
    private var waiting: [StreamAppend] = []

    init(_ store: any EventStore) {
        ledger = AccountLedger(store)
    }

    func send(
        _ command: BankAccount.Command,
        to id: BankAccount.ID,
        commandID: CommandID
    ) async throws(AccountError) -> CommandReceipt<BankAccount> {
        await flush()
        var account = try await ledger.read(id)
        let append = try ledger.append(
            command,
            to: id,
            as: commandID,
            on: account,
            expecting: .exactly(account.version)
        )
        let head = (try? await ledger.store.head()) ?? 0
        waiting.append(append)
        let events = try ledger.events(append)
        account.apply(events)
        let receipt = AppendReceipt(
            version: account.version,
            position: head + Int64(events.count),
            recordedAt: Timestamp(microseconds: 0)
        )
        return try ledger.answer(to: commandID, append, .stored(receipt))
    }

    func state(of id: BankAccount.ID) async throws(AccountError) -> BankAccount {
        await flush()
        return try await ledger.state(of: id)
    }

    private func flush() async {
        let appends = waiting
        waiting = []
        for append in appends { _ = try? await ledger.commit(append) }
    }
}
