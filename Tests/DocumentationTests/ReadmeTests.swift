import Foundation
import Skein
import SkeinSQLite
import Testing

/// Runs the code of the README, in an own folder.
@Suite struct ReadmeTests {
    @Test func `the hello of the README runs on a SQLite file`() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let lines = try await Self.hello(in: folder)
        #expect(lines == ["version 2, balance 70"])
        // The second time the account is open already: a rejection that the README's first catch does not name.
        #expect(
            try await Self.hello(in: folder) == [
                "nothing was stored: rejected(DocumentationTests.BankAccount.Rejection.alreadyOpen)"
            ]
        )
    }

    @Test func `the handler of the README sees what was stored before and after it started`() async throws {
        let store = InMemoryEventStore()
        let ada = BankAccount.ID("ada")
        let early = CommandBus(store: store)
        try await early.send(.open(owner: "Ada"), to: ada)
        try await early.send(.deposit(amount: 100), to: ada)
        let total = try await Self.turnover(of: store) { bus in
            try await bus.send(.deposit(amount: 11), to: ada)
        }
        #expect(total == 111)
    }

    private static func hello(in folder: TemporaryFolder) async throws -> [String] {
        var lines: [String] = []
        func print(_ line: String) { lines.append(line) }
        let previous = FileManager.default.currentDirectoryPath
        try #require(FileManager.default.changeCurrentDirectoryPath(folder.path))
        defer { _ = FileManager.default.changeCurrentDirectoryPath(previous) }

        let store = try await SQLiteEventStore(path: "bank.sqlite")
        let bus = CommandBus(store: store)
        let ada = BankAccount.ID("ada")

        do {
            try await bus.send(.open(owner: "Ada"), to: ada)
            let receipt = try await bus.send(.deposit(amount: 100), to: ada)
            let balance = try await bus.send(.withdraw(amount: 30), to: ada) { $0.balance }
            print("version \(receipt.version), balance \(balance)")
        } catch .rejected(.insufficientFunds(let balance)) {
            print("only \(balance) left")
        } catch {
            print("nothing was stored: \(error)")
        }

        await store.close()
        return lines
    }

    private static func turnover(
        of store: any EventStore,
        send: @escaping @Sendable (CommandBus) async throws -> CommandReceipt<BankAccount>
    ) async throws -> Int {
        let turnover = Turnover()
        let bus = CommandBus(store: store) {
            Subscription("turnover", turnover, durability: .ephemeral)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await bus.run()
            }
            let receipt = try await send(bus)
            try await bus.wait(for: "turnover", toReach: receipt.position, within: .seconds(20))
            group.cancelAll()
        }
        return await turnover.total
    }
}
