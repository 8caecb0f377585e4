import Skein
import Testing

/// A commit was sent and its answer never came.
@Suite(.timeLimit(.minutes(1))) struct UnknownOutcomeTests {
    @Test func `an append that was stored is found by repeating it, and its effect is there once`() async throws {
        let stage = try Stage()
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        stage.store.failAfterwards(.append, .outcomeUnknown)
        let sent = stage.send(.deposit(amount: 5), to: .ada)
        stage.advance(by: .milliseconds(1), times: 5)
        #expect(sent.value?.version == 2)
        #expect(sent.value?.events == [.deposited(amount: 5)])
        #expect(
            stage.store.appends.dropFirst().map(\.commands)
                == Array(repeating: stage.store.appends[1].commands, count: 2)
        )
        #expect(stage.state(of: .ada)?.balance == 5)
        #expect(try await stage.store.head() == 2)
    }

    @Test func `an append that was not stored is stored by repeating it`() async throws {
        let stage = try Stage()
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        stage.store.fail(.append, .outcomeUnknown)
        let sent = stage.send(.deposit(amount: 5), to: .ada)
        stage.advance(by: .milliseconds(1), times: 5)
        #expect(sent.value?.version == 2)
        #expect(sent.value?.isRepeated == false)
        #expect(stage.state(of: .ada)?.balance == 5)
        #expect(try await stage.store.head() == 2)
    }

    @Test(arguments: [true, false])
    func `a whole group is resolved, stored or not`(_ isStored: Bool) async throws {
        let stage = try Stage()
        let gate = Gate()
        stage.store.hold(.append, at: gate)
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        stage.store.before(.append) { () throws(EventStoreError) in
            if !isStored { throw EventStoreError(.outcomeUnknown, "lost before") }
        }
        stage.store.after(.append) { () throws(EventStoreError) in }
        if isStored { stage.store.failAfterwards(.append, .outcomeUnknown) }
        let deposit = stage.send(.deposit(amount: 5), to: .ada)
        let rejected = stage.send(.withdraw(amount: 6), to: .ada)
        let recorded = stage.send(.withdraw(amount: 7), to: .ada, options: CommandOptions(id: .fresh()))
        let withdraw = stage.send(.withdraw(amount: 5), to: .ada)
        stage.open(gate)
        stage.advance(by: .milliseconds(1), times: 5)
        #expect(deposit.value?.version == 2)
        #expect(recorded.error == .rejected(.insufficientFunds(balance: 5)))
        #expect(withdraw.value?.version == 3)
        // Not part of the append: it is decided again, on the state after all that was stored.
        #expect(rejected.error == .rejected(.insufficientFunds(balance: isStored ? 0 : 5)))
        #expect(stage.state(of: .ada)?.balance == 0)
        #expect(try await stage.store.head() == 3)
    }

    @Test func `an outcome that stays unknown is named, and the next command resolves it first`() async throws {
        let stage = try Stage { $0.outcomeTimeout = .seconds(1) }
        let options = CommandOptions(id: .fresh())
        let id = try #require(options.id)
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        stage.store.failAfterwards(.append, .outcomeUnknown)
        stage.store.always(.append) { () throws(EventStoreError) in throw EventStoreError(.connectionLost, "down") }
        stage.store.before(.append) { () throws(EventStoreError) in }
        let sent = stage.send(.deposit(amount: 5), to: .ada, options: options)
        #expect(!sent.isOver)
        stage.advance(by: .milliseconds(250), times: 8)
        #expect(sent.error == .outcomeUnknown(id))
        // The same command again, while the doubt lasts: it may be stored, so it must not be told that it is not.
        let again = stage.send(.deposit(amount: 5), to: .ada, options: options)
        stage.advance(by: .milliseconds(250), times: 8)
        #expect(again.error == .outcomeUnknown(id))
        // In doubt: neither decided nor read.
        let doubtful = stage.send(.withdraw(amount: 5), to: .ada)
        stage.advance(by: .milliseconds(250), times: 8)
        guard case .store(let error)? = doubtful.error else {
            Issue.record("\(String(describing: doubtful.error))")
            return
        }
        #expect(error.code == .transient)
        #expect(stage.state(of: .ada) == nil)
        stage.store.always(.append, nil)
        let next = stage.send(.withdraw(amount: 5), to: .ada)
        #expect(next.value?.version == 3)
        #expect(try await stage.bus.outcome(of: id)?.version == 2)
        #expect(stage.send(.deposit(amount: 5), to: .ada, options: options).value?.isRepeated == true)
        #expect(stage.state(of: .ada)?.balance == 0)
    }

    @Test func `the running bus resolves a doubt by itself`() async throws {
        let stage = try Stage { $0.outcomeTimeout = .zero }
        let run = stage.run()
        stage.store.failAfterwards(.append, .outcomeUnknown)
        stage.store.before(.append) { () throws(EventStoreError) in }
        stage.store.fail(.append, .connectionLost)
        let sent = stage.send(.open(owner: "Ada"), to: .ada)
        #expect(sent.error.map { "\($0)" }?.hasPrefix("outcomeUnknown") == true)
        #expect(stage.store.count(.append) == 2)
        stage.advance(by: .seconds(5))
        #expect(stage.store.count(.append) == 3)
        #expect(stage.state(of: .ada)?.owner == "Ada")
        #expect(stage.store.count(.append) == 3)
        run.cancel()
        #expect(run.isOver)
    }

    @Test func `of a group in doubt only those in the append are told so`() throws {
        let stage = try Stage { $0.outcomeTimeout = .zero }
        let gate = Gate()
        stage.store.hold(.append, at: gate)
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        stage.store.always(.append) { () throws(EventStoreError) in throw EventStoreError(.outcomeUnknown, "lost") }
        let deposit = stage.send(.deposit(amount: 5), to: .ada, options: CommandOptions(id: CommandID(high: 1, low: 1)))
        let rejected = stage.send(.withdraw(amount: 6), to: .ada)
        let recorded = stage.send(
            .withdraw(amount: 6),
            to: .ada,
            options: CommandOptions(id: CommandID(high: 1, low: 2))
        )
        stage.open(gate)
        #expect(deposit.error == .outcomeUnknown(CommandID(high: 1, low: 1)))
        #expect(recorded.error == .outcomeUnknown(CommandID(high: 1, low: 2)))
        #expect(rejected.error == .store(EventStoreError(.transient, "")))
    }

    @Test func `a doubt ends when the stream has gone on without the append`() async throws {
        let stage = try Stage()
        let other = CommandBus(store: stage.store.base)
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        stage.store.fail(.append, .outcomeUnknown)
        stage.store.before(.append) { () throws(EventStoreError) in
            _ = try? await other.send(.deposit(amount: 100), to: .ada)
        }
        let sent = stage.send(.deposit(amount: 5), to: .ada)
        stage.advance(by: .milliseconds(1), times: 5)
        #expect(sent.value?.version == 3)
        #expect(stage.state(of: .ada)?.balance == 105)
    }

    @Test func `a sender that is cancelled while its outcome is unknown is told what was stored`() async throws {
        let stage = try Stage()
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        let gate = Gate()
        stage.store.after(.append) { () throws(EventStoreError) in
            await gate.pass()
            throw EventStoreError(.outcomeUnknown, "lost")
        }
        let sent = stage.send(.deposit(amount: 5), to: .ada)
        sent.cancel()
        stage.open(gate)
        stage.advance(by: .milliseconds(1), times: 5)
        #expect(sent.value?.version == 2)
        #expect(try await stage.store.head() == 2)
    }

    @Test func `a deadline that passes while the outcome is unknown does not hide what was stored`() async throws {
        let stage = try Stage()
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        let gate = Gate()
        stage.store.after(.append) { () throws(EventStoreError) in
            await gate.pass()
            throw EventStoreError(.outcomeUnknown, "lost")
        }
        let sent = stage.send(.deposit(amount: 5), to: .ada, options: CommandOptions(timeout: .seconds(1)))
        stage.advance(by: .seconds(2))
        stage.open(gate)
        stage.advance(by: .milliseconds(1), times: 5)
        #expect(sent.value?.version == 2)
        #expect(try await stage.store.head() == 2)
    }

    @Test func `what is known to be stored is told although the state cannot be read any more`() async throws {
        let stage = try Stage { $0.retryLimit = 0 }
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        stage.store.failAfterwards(.append, .outcomeUnknown)
        stage.store.fail(.version, .full)
        stage.store.fail(.read, .full)
        let sent = stage.send(.deposit(amount: 5), to: .ada)
        stage.advance(by: .milliseconds(1), times: 5)
        #expect(sent.value?.version == 2)
    }

    @Test func `an aggregate in doubt stays in memory, whoever else was served there`() throws {
        let stage = try Stage {
            $0.outcomeTimeout = .zero
            $0.residentLimit = 1
            $0.mailboxLimit = 2
        }
        let gate = Gate()
        stage.store.always(.append) { () throws(EventStoreError) in throw EventStoreError(.outcomeUnknown, "lost") }
        stage.store.before(.append) { () throws(EventStoreError) in
            await gate.pass()
            throw EventStoreError(.outcomeUnknown, "lost")
        }
        let first = stage.send(.open(owner: "Ada"), to: .ada)
        let leader = stage.send(.deposit(amount: 1), to: .ada)
        // On an executor of its own, the one that is served leaves after its leader.
        let late = ManualExecutor()
        let follower = Running(on: late) { [bus = stage.bus] () throws(BankError) in
            try await bus.send(.deposit(amount: 1), to: .ada)
        }
        #expect(stage.send(.deposit(amount: 1), to: .ada).error == .overloaded(.mailbox(limit: 2)))
        stage.open(gate)
        #expect(first.isOver && leader.isOver && !follower.isOver)
        late.settle()
        #expect(follower.isOver)
        #expect(stage.send(.open(owner: "Bob"), to: .bob).error == .overloaded(.residents(limit: 1)))
        stage.store.always(.append, nil)
        #expect(stage.send(.deposit(amount: 1), to: .ada).value?.version == 2)
        #expect(stage.send(.open(owner: "Bob"), to: .bob).value?.version == 1)
    }
}
