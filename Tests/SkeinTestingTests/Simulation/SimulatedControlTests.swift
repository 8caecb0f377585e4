import Skein
import SkeinTesting
import Testing

/// What is known to be broken must be found, and what is right must not be blamed.
struct SimulatedControlTests {
    @Test(arguments: AccountControl.allCases.filter { !$0.isRight })
    func `a broken way to serve aggregates is caught`(_ control: AccountControl) async throws {
        let seed = await firstSeed(upTo: 200) { BankScenario(operations: 100, control: control) }
        print("| \(control.rawValue) | \(seed.map { "\($0.0) | \($0.1)" } ?? "not caught")")
        #expect(seed != nil)
    }

    /// The defects that show in what this scenario does; the store's conformance suite catches all of them.
    @Test(arguments: [
        StoreDefect.acknowledgesBeforeCommit, .cachesVersionsPerHandle, .checksCommandsBeforeTheTransaction,
        .checksVersionsBeforeTheTransaction, .claimsWithoutANewEpoch, .commitsEachCommandByItself,
        .dropsOneEventOfABatch, .dropsTheLastEventOfAPage, .forgetsAnswers, .ignoresExpectedVersions,
        .keepsAnswersThatCannotComeAgain, .leavesGapsInPositions, .losesTheLastAppendOnClosing,
        .movesCheckpointsWithoutFence, .recordsCommandsOutsideTheTransaction, .reusesAPosition,
        .reusesPositionsAfterReopening,
        .showsPositionsLate, .skipsWhatAFilteredPageDidNotReach, .startsBehindTheVersion,
        .storesRepeatedCommands, .swallowsCommitErrors, .servesSnapshotsOfAWrongVersion,
    ])
    func `a broken store is caught`(_ defect: StoreDefect) async throws {
        let seed = await firstSeed(upTo: 200) { BankScenario(operations: 100, defect: defect) }
        print("| \(defect.rawValue) | \(seed.map { "\($0.0) | \($0.1)" } ?? "not caught")")
        #expect(seed != nil)
    }

    /// The first seed that does not go well; nil if all do.
    private func firstSeed(
        upTo last: UInt64,
        _ scenario: @escaping @Sendable () -> BankScenario
    ) async -> (UInt64, String)? {
        do throws(SimulationFailure) {
            var simulation = Simulation()
            simulation.parallelism = 1
            simulation.stepLimit = 100_000
            try await simulation.run(seeds: 1...last) { world in try await scenario().run(in: world) }
            return nil
        } catch {
            return (error.seed, String(error.reason.prefix(160).prefix { $0 != "\n" }))
        }
    }
}
