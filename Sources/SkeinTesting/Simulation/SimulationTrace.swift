import Synchronization

/// What happened in a run, line by line, if it is wanted.
final class SimulationTrace: Sendable {
    let isOn: Bool
    private let lines = Mutex<[String]>([])
    private let scheduler: Scheduler

    init(_ scheduler: Scheduler, isOn: Bool) {
        self.scheduler = scheduler
        self.isOn = isOn
    }

    var text: [String] { lines.withLock { $0 } }

    func note(_ node: String, _ text: @autoclosure () -> String) {
        guard isOn else { return }
        let line = "\(scheduler.steps) \(scheduler.now) \(node): \(text())"
        lines.withLock { $0.append(line) }
    }
}
