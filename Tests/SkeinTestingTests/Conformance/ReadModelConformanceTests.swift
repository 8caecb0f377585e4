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

    /// What a suite says means nothing unless it tells a broken store from one that is right.
    @Test(arguments: [nil, StoreDefect.failedBodiesKeepTheMove])
    func `a store that moves the checkpoint though the batch has failed is found`(_ defect: StoreDefect?) async throws {
        let subject = ReadModelSubject("broken", table: .inMemory { $0.base as? InMemoryEventStore }) {
            ReadModelPlace { BrokenStore(defect) }
        }
        let cases = ReadModelConformance<BrokenStore>.cases.filter { $0.topic == "failing" }
        let report = await ConformanceReport.of(cases, on: subject, within: .seconds(30))
        #expect(report.failed.isEmpty == (defect == nil), "\(report)")
        #expect(cases.count == 2)
    }
}

extension ReadModelSubject where Store == InMemoryEventStore {
    fileprivate static let inMemory = ReadModelSubject("in memory", table: .inMemory { $0 }) {
        ReadModelPlace { InMemoryEventStore() }
    }
}

extension BalanceTable where Store.Transaction == InMemoryTransaction {
    /// - Parameter memory: Where a store has its values.
    fileprivate static func inMemory(_ memory: @escaping @Sendable (Store) -> InMemoryEventStore?) -> BalanceTable {
        BalanceTable(
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
                return try await memory(store)?.value([String: Int].self, of: table) ?? [:]
            },
            names: { store, prefix in
                var names: [String] = []
                for number in 1...9 {
                    let table = try await memory(store)?.value([String: Int].self, of: "\(prefix)\(number)")
                    guard table != nil else { continue }
                    names.append("\(prefix)\(number)")
                }
                return names
            },
            isRefusal: { $0 is Refused }
        )
    }
}

private struct Refused: Error {}
