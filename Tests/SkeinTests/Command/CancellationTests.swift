import Skein
import Testing

@Suite(.timeLimit(.minutes(1))) struct CancellationTests {
    @Test func `a cancelled sender leaves the mailbox at once and its command is not decided`() async throws {
        let stage = try Stage()
        let gate = Gate()
        stage.store.hold(.append, at: gate)
        let first = stage.send(.open(owner: "Ada"), to: .ada)
        let queued = stage.send(.deposit(amount: 1), to: .ada)
        let behind = stage.send(.deposit(amount: 2), to: .ada)
        queued.cancel()
        #expect(queued.error == .cancelled)
        stage.open(gate)
        #expect(first.value?.version == 1)
        #expect(behind.value?.version == 2)
        #expect(stage.state(of: .ada)?.balance == 2)
    }

    @Test func `a sender that is cancelled during its append is told what was stored`() async throws {
        let stage = try Stage()
        let gate = Gate()
        stage.store.hold(.append, at: gate)
        let leader = stage.send(.open(owner: "Ada"), to: .ada)
        leader.cancel()
        #expect(!leader.isOver)
        stage.open(gate)
        #expect(leader.value?.version == 1)
        #expect(try await stage.store.head() == 1)
    }

    @Test func `a follower that is cancelled during its append is told what was stored`() throws {
        let stage = try Stage()
        let (first, second) = (Gate(), Gate())
        stage.store.hold(.append, at: first)
        stage.store.hold(.append, at: second)
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        let leader = stage.send(.deposit(amount: 1), to: .ada)
        let follower = stage.send(.deposit(amount: 2), to: .ada)
        stage.open(first)
        follower.cancel()
        #expect(!follower.isOver)
        stage.open(second)
        #expect(leader.value?.version == 2)
        #expect(follower.value?.version == 3)
    }

    @Test func `a leader's cancellation does not reach those it serves`() throws {
        let stage = try Stage()
        let (first, second) = (Gate(), Gate())
        stage.store.hold(.append, at: first)
        stage.store.before(.append) { () throws(EventStoreError) in
            await second.pass()
            throw EventStoreError(.transient, "once")
        }
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        let leader = stage.send(.deposit(amount: 1), to: .ada)
        let follower = stage.send(.deposit(amount: 2), to: .ada)
        stage.open(first)
        leader.cancel()
        stage.open(second)
        // Nothing of the group was stored, so the leader's own command need not be decided again.
        #expect(leader.error == .cancelled)
        #expect(follower.value?.version == 2)
        #expect(stage.state(of: .ada)?.balance == 2)
    }

    @Test func `a sender that is cancelled while the aggregate is loaded stores nothing`() async throws {
        let stage = try Stage()
        let gate = Gate()
        stage.store.hold(.read, at: gate)
        let sent = stage.send(.open(owner: "Ada"), to: .ada)
        sent.cancel()
        stage.open(gate)
        #expect(sent.error == .cancelled)
        #expect(try await stage.store.head() == 0)
    }

    @Test func `a task that is cancelled already stores nothing`() async throws {
        let store = InMemoryEventStore()
        let bus = CommandBus(store: store)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await bus.send(.open(owner: "Ada"), to: .ada)
        }
        await #expect(throws: BankError.cancelled) { try await task.value }
        #expect(try await store.head() == 0)
    }
}
