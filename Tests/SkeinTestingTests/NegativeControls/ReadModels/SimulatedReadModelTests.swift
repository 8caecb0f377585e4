import Skein
import SkeinTesting
import Testing

/// Whoever keeps or rebuilds a read model badly must be found, and whoever does it right must not be blamed.
struct SimulatedReadModelTests {
    /// Several rebuilds while writers go on, and nothing else that could be the reason for what is wrong.
    private static let calm: Simulation = {
        var simulation = Simulation(faults: SimulatedFaults([.delay], chance: 0.2))
        simulation.parallelism = 1
        return simulation
    }()

    @Test(arguments: ReadModelControl.allCases.filter(\.isRight))
    func `a right keeper is never blamed`(_ control: ReadModelControl) async throws {
        for simulation in [Self.calm, Simulation()] {
            try await simulation.run(seeds: 1...15) { world in
                try await ReadModelScenario(rebuilds: 4, control: control).run(in: world)
            }
        }
    }

    /// In the end the tables are not what the log says; or they are, and readers saw on the way that they were not.
    @Test(arguments: ReadModelControl.allCases.filter { !$0.isRight })
    func `a broken keeper is caught`(_ control: ReadModelControl) async throws {
        // What is torn between two transactions shows only if something comes between them.
        let simulation = control == .writesBesideTheMove ? Simulation() : Self.calm
        let failure = await #expect(throws: SimulationFailure.self) {
            try await simulation.run(seeds: 1...60) { world in
                try await ReadModelScenario(rebuilds: 4, control: control, watchesReaders: control.isRightInTheEnd)
                    .run(in: world)
            }
        }
        let reason = failure?.reason.prefix { $0 != "\n" } ?? "not caught"
        print("| rebuild while writers go on | \(control.rawValue) | \(failure?.seed ?? 0) | \(reason) |")
        #expect(control.isRightInTheEnd ? failure?.cause is ReadersSawLess : failure?.cause is ReadModelMismatch)
    }
}
