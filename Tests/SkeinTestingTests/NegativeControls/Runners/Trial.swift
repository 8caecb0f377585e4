import SkeinTesting
import Testing

/// What subscriptions must stand, each with what must not stand it.
enum Trial: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case acknowledgements = "random acknowledgement orders"
    case crashes = "crashes"
    case zombies = "zombies after a lost lease"
    case takeOver = "take-over"
    case slowBesideFast = "a slow handler beside a fast one"
    case poison = "poison in a batch"
    case stops = "stop and resume"
    case everything = "all of it at once"

    var testDescription: String { rawValue }

    /// How many seeds a right runner must come through.
    var seeds: UInt64 {
        switch self {
        // It takes some luck to hold a process up between its reading and its handling.
        case .zombies: 80
        default: 10
        }
    }

    /// Who must not come through.
    var controls: [RunnerControl] {
        switch self {
        case .acknowledgements: [.savesTheHighest]
        case .crashes: [.savesBeforeTheEffect]
        case .zombies: [.goesOnWithoutAsking, .looksAtNoClock]
        case .takeOver: [.takesOverAtTheHead]
        case .slowBesideFast: [.readsForAllAtOnce]
        case .poison: [.skipsTheWholeBatch, .letsOthersOvertake]
        case .stops: [.forgetsTheParked, .resumesOneTooFar, .resumesOneTooEarly, .savesWhatIsInHand]
        case .everything: []
        }
    }

    var simulation: Simulation {
        var faults = SimulatedFaults.none
        switch self {
        case .acknowledgements: faults = SimulatedFaults([.delay, .handlerFailure], chance: 0.2)
        case .crashes: faults[.crash] = 0.5
        case .zombies:
            faults = SimulatedFaults([.lostLease], chance: 1)
            faults[.outage] = 0.01
        case .takeOver:
            faults[.crash] = 1
            faults[.lostAnswer] = 0.03
        case .slowBesideFast, .poison: break
        case .stops: faults = SimulatedFaults([.delay], chance: 0.2)
        case .everything: faults = .all
        }
        var simulation = Simulation(faults: faults)
        simulation.parallelism = 1
        return simulation
    }

    func scenario(_ control: RunnerControl, _ defect: StoreDefect? = nil) -> DeliveryScenario {
        var scenario = DeliveryScenario(defect: defect, control: control)
        switch self {
        case .slowBesideFast:
            scenario.watched = WatchedSubscription.slowBesideFast
            scenario.processes = 1
        case .zombies: scenario.holds = 8
        case .stops: scenario.stops = 8
        case .everything:
            scenario.stops = 4
            scenario.holds = 2
        case .acknowledgements, .crashes, .takeOver, .poison: break
        }
        return scenario
    }

    /// What the first seed with which it does not go well has shown.
    struct Finding: CustomStringConvertible {
        let seed: UInt64
        let reason: String
        let kinds: Set<Violation.Kind>

        var description: String { "\(seed) | \(kinds.map(\.rawValue).sorted().joined(separator: ", ")) | \(reason)" }
    }

    func firstFinding(
        upTo last: UInt64,
        _ control: RunnerControl,
        _ defect: StoreDefect? = nil
    ) async -> Finding? {
        do throws(SimulationFailure) {
            try await simulation.run(seeds: 1...last) { world in try await scenario(control, defect).run(in: world) }
            return nil
        } catch {
            let kinds = (error.cause as? SimulationViolations)?.violations.map(\.kind) ?? []
            return Finding(seed: error.seed, reason: String(error.reason.prefix { $0 != "\n" }), kinds: Set(kinds))
        }
    }
}
