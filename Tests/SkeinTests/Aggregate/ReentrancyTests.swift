import Skein
import Synchronization
import Testing

/// A command that waits for itself is refused.
@Suite(.timeLimit(.minutes(1))) struct ReentrancyTests {
    @Test func `a command to the same aggregate from inside its append is refused`() throws {
        let stage = try Stage()
        let inner = Mutex<BankError?>(nil)
        stage.store.before(.append) { [bus = stage.bus] () throws(EventStoreError) in
            do throws(BankError) { try await bus.send(.touch, to: .ada) } catch { inner.withLock { $0 = error } }
        }
        let sent = stage.send(.open(owner: "Ada"), to: .ada)
        #expect(sent.value?.version == 1)
        #expect(inner.withLock { $0 } == .reentrant)
        #expect(stage.send(.touch, to: .ada).value?.version == 1)
    }

    @Test func `a command to another aggregate works, and back to the first is refused`() throws {
        let stage = try Stage()
        let inner = Mutex<BankError?>(nil)
        stage.store.before(.append) { [bus = stage.bus] () throws(EventStoreError) in
            _ = try? await bus.send(.open(owner: "Bob"), to: .bob)
        }
        stage.store.before(.append) { [bus = stage.bus] () throws(EventStoreError) in
            do throws(BankError) { _ = try await bus.state(of: .ada) } catch { inner.withLock { $0 = error } }
        }
        #expect(stage.send(.open(owner: "Ada"), to: .ada).value?.version == 1)
        #expect(inner.withLock { $0 } == .reentrant)
        #expect(stage.state(of: .bob)?.owner == "Bob")
    }

    @Test func `a task that was started inside and lives on may send later`() throws {
        let stage = try Stage()
        let gate = Gate()
        let late = Mutex<Running<CommandReceipt<BankAccount>, BankError>?>(nil)
        stage.store.before(.append) { [bus = stage.bus, executor = stage.executor] () throws(EventStoreError) in
            let running = Running(on: executor) { () throws(BankError) in
                await gate.pass()
                return try await bus.send(.deposit(amount: 1), to: .ada)
            }
            late.withLock { $0 = running }
        }
        #expect(stage.send(.open(owner: "Ada"), to: .ada).value?.version == 1)
        stage.open(gate)
        #expect(late.withLock { $0 }?.value?.version == 2)
    }

    @Test func `what the leader brought does not reach the commands it serves`() async throws {
        let stage = try Stage()
        let gate = Gate()
        let correlation = CorrelationID.fresh()
        stage.store.hold(.append, at: gate)
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        let leader = stage.start { [bus = stage.bus] in
            try await MessageContext.$current.withValue(MessageContext(correlationID: correlation)) {
                try await bus.send(.deposit(amount: 1), to: .ada)
            }
        }
        let follower = stage.start { [bus = stage.bus] in
            let first = try await bus.send(.deposit(amount: 2), to: .ada)
            // Served by the leader, the follower is outside of the leader's command.
            let second = try await bus.send(.deposit(amount: 3), to: .ada)
            return [first.commandID, second.commandID]
        }
        stage.open(gate)
        #expect(leader.value?.version == 2)
        let ids = try #require(follower.value)
        let correlations = try await stage.events(of: BankAccount.ID.ada.stream).map(\.metadata.correlationID)
        #expect(correlations.dropFirst() == [correlation, CorrelationID(ids[0]), CorrelationID(ids[1])])
    }
}
