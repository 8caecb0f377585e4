import Foundation
import Skein
import SkeinTesting
import Testing

@Suite struct ReadModelSimulationTests {
    @Test func `read models are what the log says, whatever crashes, is taken over or is rebuilt`() async throws {
        let wanted = ProcessInfo.processInfo.environment["SKEIN_SIMULATION_SEEDS"].flatMap(UInt64.init) ?? 100
        let last = max(100, wanted / 10)
        let report = try await Simulation().run(seeds: 1...last) { world in
            try await ReadModelScenario().run(in: world)
        }
        #expect(report.runs == Int(last))
    }

    /// Cases 91, 93, 97, 99 and 109, under every fault at once.
    @Test func `subscriptions in parts, in batches and with parking handle every event in order`() async throws {
        let wanted = ProcessInfo.processInfo.environment["SKEIN_SIMULATION_SEEDS"].flatMap(UInt64.init) ?? 100
        let last = max(50, wanted / 20)
        let report = try await Simulation().run(seeds: 1...last) { world in
            try await BankScenario(hasReadSide: true).run(in: world)
        }
        #expect(report.runs == Int(last))
    }

    /// Each of them lets an effect and its checkpoint come apart.
    @Test(arguments: [StoreDefect.failedBodiesKeepTheMove, .runsBodiesOfFencedMoves])
    func `a store whose transactions come apart is found`(_ defect: StoreDefect) async throws {
        await #expect(throws: SimulationFailure.self) {
            try await Simulation().run(seeds: 1...200) { world in
                try await ReadModelScenario(defect: defect).run(in: world)
            }
        }
    }
}
