import Foundation
import Skein
import SkeinTesting
import Synchronization
import Testing

/// What is known to run subscriptions badly must be found, and what is right must not be blamed.
struct SimulatedRunnerTests {
    @Test(arguments: RunnerControl.allCases.filter(\.isRight), Trial.allCases)
    func `a right runner is never blamed`(_ control: RunnerControl, _ trial: Trial) async throws {
        let wanted = ProcessInfo.processInfo.environment["SKEIN_SIMULATION_SEEDS"].flatMap(UInt64.init) ?? 0
        let last = max(trial.seeds, wanted / 100)
        let report = try await trial.simulation.run(seeds: 1...last) { world in
            try await trial.scenario(control).run(in: world)
        }
        #expect(report.runs == Int(last))
    }

    @Test(arguments: RunnerControl.allCases.filter { !$0.isRight })
    func `a broken runner is caught`(_ control: RunnerControl) async throws {
        let trial = try #require(Trial.allCases.first { $0.controls.contains(control) })
        let finding = await trial.firstFinding(upTo: 60, control)
        print("| \(trial.rawValue) | \(control.rawValue) | \(finding?.description ?? "not caught") |")
        #expect(finding?.kinds.contains(control.telltale) == true, "\(String(describing: finding))")
    }

    @Test func `a bus over a store that does not fence is caught`() async throws {
        let trial = Trial.zombies
        let finding = await trial.firstFinding(upTo: 60, .bus, .movesCheckpointsWithoutFence)
        print("| \(trial.rawValue) | movesCheckpointsWithoutFence | \(finding?.description ?? "not caught") |")
        #expect(finding?.kinds.contains(.checkpointNotFenced) == true, "\(String(describing: finding))")
    }

    /// Whoever of two processes takes a step, takes it for the last time, for each step of a small run in turn.
    @Test(arguments: [RunnerControl.bus, .plain])
    func `a crash at any step loses nothing`(_ control: RunnerControl) async throws {
        let sweep = try await CrashSweep.run(control)
        print("| crash at every step | \(control.rawValue) | \(sweep.steps) steps | \(sweep.kinds) |")
        #expect(sweep.steps > 100)
        #expect(sweep.kinds == [:])
    }

    @Test func `a crash at some step loses what was saved before its effect`() async throws {
        let sweep = try await CrashSweep.run(.savesBeforeTheEffect)
        let lost = sweep.kinds[.notDrained, default: 0]
        print("| crash at every step | savesBeforeTheEffect | \(sweep.steps) steps | lost events with \(lost) |")
        #expect(lost > 10)
        // It does not fail by itself: with most steps nothing is lost.
        #expect(lost < sweep.steps / 2)
    }
}

/// A small run with a crash at its first step, with one at its second, and so on, until there are no more.
private struct CrashSweep {
    var steps = 0
    /// With how many steps a rule was broken.
    var kinds: [Violation.Kind: Int] = [:]

    static func run(_ control: RunnerControl) async throws -> CrashSweep {
        var sweep = CrashSweep()
        var simulation = Simulation(faults: .none)
        simulation.parallelism = 1
        while true {
            let scenario = DeliveryScenario(events: 10, accounts: 3, crashStep: sweep.steps + 1, control: control)
            let found = Mutex<(violations: [Violation], hasCrashed: Bool)>(([], false))
            try await simulation.run(seeds: 1...1) { world in
                let judged = try await scenario.judged(in: world)
                found.withLock { $0 = judged }
            }
            let (violations, hasCrashed) = found.withLock { $0 }
            guard hasCrashed, sweep.steps < 3_000 else { return sweep }
            for kind in Set(violations.map(\.kind)) { sweep.kinds[kind, default: 0] += 1 }
            sweep.steps += 1
        }
    }
}
