import Skein
import SkeinTesting

/// Runs subscriptions in as few words as it takes to be right; or with one thing wrong.
struct PlainRunner: DeliveryRunner {
    let handlers: [WatchedHandler]
    let host: SimulatedHost
    let store: any EventStore
    let control: RunnerControl

    func run(until stop: StopLine) async throws {
        guard control != .readsForAllAtOnce else { return await runTogether(until: stop) }
        await withTaskGroup(of: Void.self) { group in
            for handler in handlers {
                for part in handler.subscription.parts {
                    group.addTask {
                        let work = PlainWork(part, handler, host, store, control, stop)
                        while work.goesOn { await work.step() }
                        await work.end()
                    }
                }
            }
        }
    }

    private func runTogether(until stop: StopLine) async {
        let works = handlers.flatMap { handler in
            handler.subscription.parts.map { PlainWork($0, handler, host, store, control, stop) }
        }
        while works.allSatisfy(\.goesOn) {
            for work in works { await work.step() }
        }
        for work in works { await work.end() }
    }
}
