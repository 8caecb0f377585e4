import Skein

/// What every account service does with the store, and one that is right: slow, for it remembers nothing.
struct AccountLedger: AccountService {
    /// An account as it was read.
    struct Account: Sendable {
        var state = BankAccount()
        var version: Int64 = 0

        mutating func apply(_ events: [BankAccount.Event]) {
            for event in events { state.apply(event) }
            version += Int64(events.count)
        }
    }

    let store: any EventStore
    private let coder = JSONEventCoder()

    init(_ store: any EventStore) {
        self.store = store
    }

    func send(
        _ command: BankAccount.Command,
        to id: BankAccount.ID,
        commandID: CommandID
    ) async throws(AccountError) -> CommandReceipt<BankAccount> {
        while true {
            let account = try await read(id)
            let append = try append(command, to: id, as: commandID, on: account, expecting: .exactly(account.version))
            do throws(AccountError) {
                return try answer(to: commandID, append, try await commit(append))
            } catch {
                if case .conflict = error { continue }
                throw error
            }
        }
    }

    func state(of id: BankAccount.ID) async throws(AccountError) -> BankAccount {
        try await read(id).state
    }

    /// The account as the store has it.
    func read(_ id: BankAccount.ID) async throws(AccountError) -> Account {
        var account = Account()
        let codec = coder.codec(for: BankAccount.Event.self)
        do {
            for stored in try await store.read(id.stream, from: 1, direction: .forward, limit: 1_000) {
                account.apply([try codec.decode(stored.name, stored.schemaVersion, stored.payload)])
            }
            return account
        } catch let error as EventStoreError {
            if error.code == .streamNotFound { return account }
            throw .store(error)
        } catch let error as EventCodingError {
            throw .coding(error)
        } catch {
            throw .cancelled
        }
    }

    /// What the account decides, as an append: events, the rejection, or nothing.
    func append(
        _ command: BankAccount.Command,
        to id: BankAccount.ID,
        as commandID: CommandID,
        on account: Account,
        expecting expected: ExpectedVersion
    ) throws(AccountError) -> StreamAppend {
        var outcome = CommandAppend.Outcome.nothing
        do {
            let codec = coder.codec(for: BankAccount.Event.self)
            var events: [NewEvent] = []
            for (ordinal, event) in try account.state.decide(command).enumerated() {
                let (name, payload) = try codec.encode(event)
                events.append(NewEvent(id: EventID(command: commandID, ordinal: ordinal), name: name, payload: payload))
            }
            if !events.isEmpty { outcome = .events(events) }
        } catch let rejection as BankAccount.Rejection {
            do { outcome = .rejection(try coder.encode(rejection)) } catch { throw .coding(error) }
        } catch let error as EventCodingError {
            throw .coding(error)
        } catch {
            throw .cancelled
        }
        let part = CommandAppend(id: commandID, fingerprint: StructuralFingerprint.of(command), outcome: outcome)
        return StreamAppend(stream: id.stream, expecting: expected, commands: [part])
    }

    /// Appends, once.
    func attempt(_ append: StreamAppend) async throws(AccountError) -> AppendResult {
        do {
            return try await store.append(append)
        } catch {
            switch error.code {
            case .outcomeUnknown: throw .outcomeUnknown(append.commands.first?.id ?? CommandID(high: 0, low: 0))
            case .conflict(let expected, let actual): throw .conflict(expected: expected, actual: actual)
            default: throw .store(error)
            }
        }
    }

    /// Appends, and repeats the same append while its outcome is unknown.
    func commit(_ append: StreamAppend) async throws(AccountError) -> AppendResult {
        var unknown: AccountError?
        for _ in 0..<10 {
            do throws(AccountError) {
                return try await attempt(append)
            } catch {
                switch error {
                case .conflict: throw error
                case .outcomeUnknown: unknown = error
                // A failure says nothing of an attempt before it.
                default: if unknown == nil { throw error }
                }
            }
        }
        throw unknown ?? .cancelled
    }

    /// The answer to a command whose append the store has taken, or knew already.
    func answer(
        to commandID: CommandID,
        _ append: StreamAppend,
        _ result: AppendResult
    ) throws(AccountError) -> CommandReceipt<BankAccount> {
        switch result {
        case .stored(let receipt):
            if case .rejection(let bytes)? = append.commands.first?.outcome { throw try rejection(bytes) }
            return CommandReceipt(
                commandID: commandID,
                version: receipt.version,
                position: receipt.position,
                events: try events(append)
            )
        case .known(let known):
            guard
                let first = known.first,
                first.stream == append.stream,
                first.fingerprint == append.commands.first?.fingerprint
            else { throw .commandIDReused(commandID) }
            var events: [BankAccount.Event] = []
            switch first.outcome {
            case .rejection(let bytes): throw try rejection(bytes)
            case .nothing: break
            case .events(let stored):
                for event in stored { events.append(try decode(event.name, event.payload)) }
            }
            return CommandReceipt(
                commandID: commandID,
                version: first.version,
                position: first.position,
                events: events,
                isRepeated: true
            )
        }
    }

    /// The events of an append.
    func events(_ append: StreamAppend) throws(AccountError) -> [BankAccount.Event] {
        var events: [BankAccount.Event] = []
        for event in append.events { events.append(try decode(event.name, event.payload)) }
        return events
    }

    private func decode(_ name: String, _ payload: [UInt8]) throws(AccountError) -> BankAccount.Event {
        do throws(EventCodingError) {
            return try coder.codec(for: BankAccount.Event.self).decode(name, 1, payload)
        } catch {
            throw .coding(error)
        }
    }

    private func rejection(_ bytes: [UInt8]) throws(AccountError) -> AccountError {
        do throws(EventCodingError) {
            return .rejected(try coder.decode(BankAccount.Rejection.self, from: bytes))
        } catch {
            throw .coding(error)
        }
    }
}
