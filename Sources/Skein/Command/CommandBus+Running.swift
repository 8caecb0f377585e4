import Logging
import ServiceLifecycle

extension CommandBus {
    /// Delivers events to the subscriptions and keeps house, until the task is cancelled or told to shut down gracefully.
    ///
    /// Returning means that nothing of the bus is running any more. On a graceful shutdown, new commands are refused,
    /// those in progress and the events that are being handled are finished. What is not done by
    /// ``BusConfiguration/shutdownTimeout`` is cancelled, and ``ShutdownIncomplete`` says what it was. A handler that
    /// ignores its cancellation is waited for all the same. Cancelling the task cancels the handlers at once.
    ///
    /// - Throws: ``InvalidInput`` for subscriptions that break a rule; ``BusAlreadyRan`` if it was called before.
    public func run() async throws {
        try router.validate()
        try runtime.transactionalHandlers.validate(for: store)
        guard lifecycle.start() else { throw BusAlreadyRan() }
        defer { lifecycle.finish() }
        let stop = StopSignal()
        let left = await withTaskGroup(of: ShutdownIncomplete?.self) { group in
            group.addTask {
                await self.router.run(until: stop)
                return nil
            }
            group.addTask {
                await self.keepHouse(until: stop)
                return nil
            }
            group.addTask { await self.drain(after: stop) }
            group.addTask {
                await withGracefulShutdownHandler {
                    await stop.wait()
                } onGracefulShutdown: {
                    stop.set()
                }
                // Woken by cancellation instead: the others were cancelled too.
                stop.set()
                return nil
            }
            var left: ShutdownIncomplete?
            while let ended = await group.next() {
                guard let ended else { continue }
                left = ended
                group.cancelAll()
            }
            return left
        }
        lifecycle.finish()
        if let left { throw left }
    }

    /// Once asked to stop, refuses new commands and waits for those in progress and for the handlers; nil if all ended.
    private func drain(after stop: StopSignal) async -> ShutdownIncomplete? {
        await stop.wait()
        lifecycle.stop()
        guard !Task.isCancelled else { return nil }
        let configuration = runtime.configuration
        await firstToFinish(
            { try? await configuration.environment.time.sleep(for: configuration.shutdownTimeout) },
            {
                await self.lifecycle.drained()
                await self.router.ended()
            }
        )
        let left = ShutdownIncomplete(commands: lifecycle.commandCount, subscriptions: router.running)
        guard !left.isEmpty, !Task.isCancelled else { return nil }
        configuration.logger.error("The bus stops with work left over.", metadata: ["left": "\(left)"])
        return left
    }

    private func keepHouse(until stop: StopSignal) async {
        let configuration = runtime.configuration
        let interval = max(.milliseconds(100), min(configuration.residentIdleTime / 4, .seconds(5)))
        while !stop.isSet, !Task.isCancelled {
            await stop.wait(for: interval, by: configuration.environment.time)
            residency.evictIdle()
            await residency.resolveDoubts(runtime)
        }
    }
}

/// What was not done when the time to stop had passed.
public struct ShutdownIncomplete: Error, Hashable, Sendable, CustomStringConvertible {
    /// How many commands were in progress; their senders get their outcomes all the same.
    public let commands: Int

    /// The subscriptions whose handlers were cancelled; their events come again.
    public let subscriptions: [String]

    var isEmpty: Bool { commands == 0 && subscriptions.isEmpty }

    public var description: String {
        "\(commands) commands in progress, handlers cancelled: \(subscriptions.joined(separator: ", "))"
    }
}

/// A bus runs once; make a new one.
public struct BusAlreadyRan: Error, Hashable, Sendable {}
