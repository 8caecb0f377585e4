import Dispatch
import Skein
import SkeinTesting
import Testing

@Suite struct ReadModelConformanceTests {
    @Test(arguments: ReadModelConformance.cases(for: .inMemory))
    func `the in-memory store keeps read models`(_ test: ReadModelConformance<InMemoryEventStore>.Test) async throws {
        try await test.run()
    }

    @Test func `every case has a name of its own`() {
        let names = ReadModelConformance<InMemoryEventStore>.cases.map { "\($0)" }
        #expect(names.count > 10)
        #expect(Set(names).count == names.count)
    }
}

extension ReadModelSubject where Store == InMemoryEventStore {
    fileprivate static let inMemory = ReadModelSubject("in memory", table: .inMemory) {
        ReadModelPlace { InMemoryEventStore() }
    }
}

extension BalanceTable where Store == InMemoryEventStore {
    fileprivate static let inMemory = BalanceTable(
        make: { table, transaction in try transaction.set([String: Int](), of: table) },
        add: { amount, account, table, transaction in
            var balances: [String: Int] = try transaction.value(of: table) ?? [:]
            balances[account, default: 0] += amount
            guard balances[account, default: 0] < 1_000 else { throw Refused() }
            try transaction.set(balances, of: table)
        },
        remove: { account, table, transaction in
            var balances: [String: Int] = try transaction.value(of: table) ?? [:]
            balances[account] = nil
            try transaction.set(balances, of: table)
        },
        read: { store, table, meanwhile in
            await withCheckedContinuation { continuation in
                DispatchQueue.global().async {
                    meanwhile()
                    continuation.resume()
                }
            }
            return try await store.value([String: Int].self, of: table) ?? [:]
        },
        names: { store, prefix in
            var names: [String] = []
            for number in 1...9 where try await store.value([String: Int].self, of: "\(prefix)\(number)") != nil {
                names.append("\(prefix)\(number)")
            }
            return names
        },
        isRefusal: { $0 is Refused }
    )
}

private struct Refused: Error {}
