import Skein

/// Broken: an actor leaves memory while its command runs, so that there are two for one id, each sure of its state.
actor PassivatingAccounts: AccountService {
    private actor Resident {
        private let ledger: AccountLedger
        private let id: BankAccount.ID
        private var account: AccountLedger.Account?
        private var isBusy = false
        private var waiting: [CheckedContinuation<Void, Never>] = []

        init(_ id: BankAccount.ID, _ ledger: AccountLedger) {
            self.id = id
            self.ledger = ledger
        }

        /// One at a time, as it should be; only that there are several of these.
        func send(
            _ command: BankAccount.Command,
            _ commandID: CommandID
        ) async throws(AccountError) -> CommandReceipt<BankAccount> {
            while isBusy { await withCheckedContinuation { waiting.append($0) } }
            isBusy = true
            defer {
                isBusy = false
                for waiter in waiting { waiter.resume() }
                waiting = []
            }
            var current: AccountLedger.Account
            if let account { current = account } else { current = try await ledger.read(id) }
            let append = try ledger.append(command, to: id, as: commandID, on: current, expecting: .any)
            do throws(AccountError) {
                let result = try await ledger.commit(append)
                if case .stored = result { current.apply(try ledger.events(append)) }
                account = current
                return try ledger.answer(to: commandID, append, result)
            } catch {
                throw error
            }
        }
    }

    private let ledger: AccountLedger
    private var residents: [BankAccount.ID: Resident] = [:]
    private var uses = 0

    init(_ store: any EventStore) {
        ledger = AccountLedger(store)
    }

    func send(
        _ command: BankAccount.Command,
        to id: BankAccount.ID,
        commandID: CommandID
    ) async throws(AccountError) -> CommandReceipt<BankAccount> {
        let resident = residents[id] ?? Resident(id, ledger)
        residents[id] = resident
        uses += 1
        // Time to make room, whoever is in the middle of something.
        if uses.isMultiple(of: 3) { residents[id] = nil }
        return try await resident.send(command, commandID)
    }

    func state(of id: BankAccount.ID) async throws(AccountError) -> BankAccount {
        try await ledger.state(of: id)
    }
}
