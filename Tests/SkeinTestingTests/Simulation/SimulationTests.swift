import Foundation
import Skein
import SkeinTesting
import Testing

@Suite struct SimulationTests {
    @Test func `a quiet world runs`() async throws {
        let report = try await Simulation(faults: .none).run(seeds: 1...20) { world in
            try await BankScenario(operations: 40).run(in: world)
        }
        #expect(report.runs == 20)
    }

    /// Cases 19, 31, 33, 71, 93, 125 and 141, under every fault at once.
    @Test func `with all faults nothing is lost, doubled or out of order`() async throws {
        let last = ProcessInfo.processInfo.environment["SKEIN_SIMULATION_SEEDS"].flatMap(UInt64.init) ?? 100
        let start = ContinuousClock.now
        let report = try await Simulation().run(seeds: 1...last) { world in
            try await BankScenario().run(in: world)
        }
        print("\(last) seeds, \(report.steps) steps, \(report.virtualTime) simulated in \(ContinuousClock.now - start)")
        print("all trace hashes: \(report.traceHashes.values.reduce(0, ^))")
        for fault in SimulatedFault.allCases {
            print("\(fault): \(report.faults[fault, default: 0])")
            #expect(report.faults[fault, default: 0] > 0, "\(fault) did not happen")
        }
        #expect(Set(report.traceHashes.values).count == Int(last))
    }

    @Test func `the same seed gives the same run, another seed another`() async throws {
        let scenario: Simulation.Scenario = { world in try await BankScenario(operations: 60).run(in: world) }
        let first = try await Simulation().run(seeds: 1...20, scenario)
        let second = try await Simulation().run(seeds: 1...20, scenario)
        #expect(first == second)
        #expect(Set(first.traceHashes.values).count == 20)
    }

    @Test func `a failure names its seed, tells what happened, and comes again`() async throws {
        let scenario: Simulation.Scenario = { world in
            let node = try world.node("a") { host in
                try CommandBus(store: host.store, configuration: host.configuration)
            }
            try await node.send(.open(owner: "Ada"), to: BankAccount.ID("ada"))
            try await world.settle()
            guard try await world.store.head() == 0 else { throw Unwanted() }
        }
        let simulation = Simulation(faults: .none)
        let failure = await #expect(throws: SimulationFailure.self) { try await simulation.run(seeds: 7...9, scenario) }
        let seed = try #require(failure?.seed)
        let again = await #expect(throws: SimulationFailure.self) { try await simulation.run(seed: seed, scenario) }
        #expect(failure?.cause is Unwanted)
        #expect(again?.traceHash == failure?.traceHash)
        #expect(again?.trace == failure?.trace)
        #expect(failure?.trace.contains { $0.contains("BankAccount/ada") } == true)
        #expect("\(try #require(failure))".contains("run(seed: \(seed))"))
    }

    @Test func `a task that escapes fails the run and says so`() async throws {
        let failure = await #expect(throws: SimulationFailure.self) {
            try await Simulation(faults: .none).run(seed: 1) { world in
                let detached = Task.detached { try await world.sleep(for: .seconds(1)) }
                _ = await detached.result
            }
        }
        #expect(failure?.reason.contains("outside of the simulation") == true)
    }

    @Test func `a scenario that waits for nothing fails the run`() async throws {
        let failure = await #expect(throws: SimulationFailure.self) {
            try await Simulation(faults: .none).run(seed: 1) { world in
                let node = try world.node("a") { host in
                    try CommandBus(store: host.store, configuration: host.configuration) {
                        Subscription("view", BalanceKeeper())
                    }
                }
                try await node.perform { bus in
                    try await bus.wait(for: "view", toReach: 1, within: .seconds(1_000_000))
                }
            }
        }
        #expect(failure?.reason.contains("virtual time") == true)
    }

    @Test func `a crash loses what is in memory, ends its calls and keeps the store`() async throws {
        try await Simulation(faults: .none).run(seeds: 1...20) { world in
            let node = try world.node("a") { host in
                try CommandBus(store: host.store, configuration: host.configuration)
            }
            let ada = BankAccount.ID("ada")
            try await node.send(.open(owner: "Ada"), to: ada)
            async let late = crashes { try await node.perform { _ in try await world.sleep(for: .seconds(60)) } }
            try await world.sleep(for: .seconds(1))
            node.crash()
            let hasEnded = await late
            #expect(hasEnded)
            await #expect(throws: SimulatedCrash.self) { try await node.state(of: ada) }
            try node.start()
            let account = try await node.state(of: ada)
            #expect(account.owner == "Ada")
        }
    }
}

/// Whether something ends with a crash.
private func crashes(_ operation: @Sendable () async throws -> Void) async -> Bool {
    do {
        try await operation()
        return false
    } catch {
        return error is SimulatedCrash
    }
}

private struct Unwanted: Error {}

private struct BalanceKeeper: EventHandler {
    func handle(_ event: RecordedEvent<BankAccount>) async throws {}
}
