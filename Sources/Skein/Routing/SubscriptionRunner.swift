import Logging
import Metrics
import Tracing

/// Runs one subscription: reads the log after its checkpoint, delivers in order, moves the checkpoint.
struct SubscriptionRunner: Sendable {
    private let subscription: Subscription
    private let progress: SubscriptionProgress
    private let runtime: BusRuntime
    private let wakeUp: WakeUp
    private let stop: StopSignal
    private let metrics: SubscriptionMetrics
    private let deliveries: [String: On.Delivery]
    private let filter: EventFilter

    init(
        _ subscription: Subscription,
        progress: SubscriptionProgress,
        runtime: BusRuntime,
        wakeUp: WakeUp,
        stop: StopSignal
    ) {
        self.wakeUp = wakeUp
        self.subscription = subscription
        self.progress = progress
        self.runtime = runtime
        self.stop = stop
        metrics = runtime.instruments.metrics.subscription(subscription.name)
        let coder = runtime.configuration.coder
        deliveries = Dictionary(
            subscription.routes.map { ($0.aggregateName, $0.bind(coder)) },
            uniquingKeysWith: { first, _ in first }
        )
        filter = EventFilter(aggregates: Set(subscription.routes.map(\.aggregateName)))
    }

    private var time: any TimeSource { runtime.time }

    /// Runs until it is asked to stop, is cancelled, or fails.
    func run() async {
        do throws(SubscriptionError) {
            var checkpoint = try await begin()
            defer { progress.rest() }
            try await follow(&checkpoint)
        } catch {
            progress.stop(error)
            runtime.instruments.logger.error(
                "A subscription has stopped.",
                metadata: ["subscription": "\(subscription.name)", "error": "\(error)"]
            )
        }
    }

    private func begin() async throws(SubscriptionError) -> SubscriptionCheckpoint {
        let checkpoint = SubscriptionCheckpoint(
            try await retrying { store throws(EventStoreError) in
                switch subscription.durability {
                case .durable: try await claim(store)
                case .ephemeral: nil
                }
            },
            savedAt: time.uptime()
        )
        let head = try await retrying { store throws(EventStoreError) in try await store.head() }
        guard checkpoint.position <= head else {
            throw .checkpointBeyondHead(checkpoint: checkpoint.position, head: head)
        }
        progress.start(at: checkpoint.position)
        return checkpoint
    }

    /// Claims the checkpoint. One that was claimed and whose answer never came is claimed again: epochs may have gaps.
    private func claim(_ store: any EventStore) async throws(EventStoreError) -> Checkpoint {
        do throws(EventStoreError) {
            return try await store.claimCheckpoint(of: subscription.name)
        } catch  where error.code == .outcomeUnknown {
            throw EventStoreError(.transient, "the answer to the claim of the checkpoint was lost")
        }
    }

    private func follow(_ checkpoint: inout SubscriptionCheckpoint) async throws(SubscriptionError) {
        let limit = min(runtime.configuration.subscriptionBuffer, runtime.limits.pageSize)
        while !stop.isSet, !Task.isCancelled {
            let position = checkpoint.position
            let page = try await retrying { store throws(EventStoreError) in
                try await store.readLog(from: position, direction: .forward, filter: filter, limit: limit)
            }
            metrics.lag.record(page.head - position)
            do throws(SubscriptionError) {
                try await deliver(page, &checkpoint)
            } catch {
                try? await save(&checkpoint)
                throw error
            }
            let isAtEnd = checkpoint.position >= page.head
            if isAtEnd || checkpoint.isDue(at: time.uptime(), every: runtime.configuration.checkpointInterval) {
                try await save(&checkpoint)
            }
            if isAtEnd { await wakeUp.wait() }
        }
        try await save(&checkpoint)
    }

    private func deliver(_ page: LogPage, _ checkpoint: inout SubscriptionCheckpoint) async throws(SubscriptionError) {
        for event in page.events {
            guard !stop.isSet, try await handle(event) else { return }
            checkpoint.position = event.position
            progress.advance(to: event.position)
            metrics.handled.increment()
        }
        if page.scannedThrough > checkpoint.position {
            checkpoint.position = page.scannedThrough
            progress.advance(to: page.scannedThrough)
        }
    }

    /// Handles one event, with retries; false if the task was cancelled first.
    private func handle(_ event: StoredEvent) async throws(SubscriptionError) -> Bool {
        guard let delivery = deliveries[event.stream.aggregate] else { return true }
        var attempts = 0
        while true {
            attempts += 1
            do {
                try await attempt(event, delivery, attempts)
                return true
            } catch let error as EventCodingError where error.position == event.position {
                throw .undecodable(error)
            } catch {
                if Task.isCancelled { return false }
                guard attempts <= subscription.retry.retries else {
                    throw .handlerFailed(position: event.position, attempts: attempts, error)
                }
                metrics.retries.increment()
                runtime.instruments.logger.warning(
                    "An event handler failed and is tried again.",
                    metadata: [
                        "subscription": "\(subscription.name)", "position": "\(event.position)",
                        "attempt": "\(attempts)", "error": "\(error)",
                    ]
                )
                guard await pause(subscription.retry.backoff, afterFailures: attempts) else { return false }
            }
        }
    }

    private func attempt(_ event: StoredEvent, _ delivery: On.Delivery, _ attempts: Int) async throws {
        let context = MessageContext(correlationID: event.metadata.correlationID, causationID: CausationID(event.id))
        try await MessageContext.$current.withValue(context) {
            guard let tracer = runtime.instruments.tracer else { return try await delivery(event) }
            var parent = InstrumentationContext.topLevel
            tracer.extract(event.metadata.entries, into: &parent, using: EntriesExtractor())
            try await tracer.withAnySpan("skein.handle", context: parent, ofKind: .consumer) { span in
                span.attributes[SpanKey.subscription] = subscription.name
                span.attributes[SpanKey.aggregate] = event.stream.aggregate
                span.attributes[SpanKey.aggregateID] = event.stream.id
                span.attributes[SpanKey.event] = event.name
                span.attributes[SpanKey.position] = event.position
                span.attributes[SpanKey.attempt] = attempts
                try await delivery(event)
            }
        }
    }

    private func save(_ checkpoint: inout SubscriptionCheckpoint) async throws(SubscriptionError) {
        guard let saved = checkpoint.saved, saved.position != checkpoint.position else { return }
        let position = checkpoint.position
        // A move whose answer was lost may still be under way, and be what the next attempt runs into.
        var isUncertain = false
        checkpoint.saved = try await retrying { store throws(EventStoreError) in
            do throws(EventStoreError) {
                return try await store.move(saved, to: position)
            } catch  where error.code == .outcomeUnknown || error.code == .checkpointFenced && isUncertain {
                isUncertain = true
                return try await resolve(saved, position, store)
            }
        }
        checkpoint.savedAt = time.uptime()
    }

    /// Finds out what became of a move whose answer never came; only this runner moves a checkpoint of its epoch.
    private func resolve(
        _ saved: Checkpoint,
        _ position: Int64,
        _ store: any EventStore
    ) async throws(EventStoreError) -> Checkpoint {
        let kept = try await store.checkpoint(of: saved.subscription)
        if let kept, kept.epoch == saved.epoch, kept.position == position { return kept }
        guard kept == saved else {
            throw EventStoreError(.checkpointFenced, "another runner has claimed or moved the checkpoint")
        }
        throw EventStoreError(.transient, "the move of the checkpoint is lost or still under way")
    }

    /// Calls the store until it answers or fails for good; a cancelled task does not try again.
    private func retrying<Value: Sendable>(
        _ call: (any EventStore) async throws(EventStoreError) -> Value
    ) async throws(SubscriptionError) -> Value {
        var failures = 0
        while true {
            do throws(EventStoreError) {
                return try await call(runtime.store)
            } catch {
                failures += 1
                guard error.isTransient, await pause(runtime.configuration.retryBackoff, afterFailures: failures) else {
                    throw .store(error)
                }
            }
        }
    }

    /// Waits before another attempt; false if the subscription is to stop instead.
    private func pause(_ backoff: Backoff, afterFailures failures: Int) async -> Bool {
        let wait = backoff.wait(afterFailures: failures, random: runtime.configuration.environment.random())
        await firstToFinish({ try? await time.sleep(for: wait) }, { await stop.wait() })
        return !stop.isSet && !Task.isCancelled
    }
}
