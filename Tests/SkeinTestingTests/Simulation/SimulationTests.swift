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
        for fault in SimulatedFault.allCases {
            print("\(fault.rawValue): \(report.faults[fault, default: 0])")
            #expect(report.faults[fault, default: 0] > 0, "\(fault.rawValue) did not happen")
        }
        #expect(Set(report.traceHashes.values).count == Int(last))
    }
}
