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

    @Test func `a world with all faults runs`() async throws {
        let report = try await Simulation().run(seeds: 1...100) { world in
            try await BankScenario(operations: 100).run(in: world)
        }
        print(report.runs, report.steps, report.virtualTime, report.faults)
    }
}
