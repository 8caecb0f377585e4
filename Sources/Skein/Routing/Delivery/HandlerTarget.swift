import Synchronization

/// Gives events to the handlers of a subscription's routes.
final class HandlerTarget: DeliveryTarget {
    private struct Route: Sendable {
        let name: String?
        let events: Set<String>
        let handling: On.Handling
        let isReplayable: Bool

        func takes(_ event: StoredEvent) -> Bool {
            guard !events.isEmpty else { return true }
            guard let index = events.firstIndex(of: event.name) else { return false }
            return events[index].hasSameBytes(as: event.name)
        }
    }

    let filter: EventFilter
    private let runtime: BusRuntime
    private let span: HandlingSpan
    private let routes: [Route]
    private let indices: [String: Int]
    /// Whether the filter lets nothing else through than what is wanted, which then needs no second look.
    private let isExact: Bool
    /// Up to where what must not happen twice has happened, by partition; see ``ReplayMark``.
    private let replayedThrough: Mutex<[SubscriptionPartition: Int64]> = Mutex([:])
    private let hasReplayMark = Atomic(false)

    init(_ routes: [On], of subscription: String, _ runtime: BusRuntime) {
        self.runtime = runtime
        span = HandlingSpan(of: subscription, runtime)
        let decoding = runtime.eventDecoding
        self.routes = routes.map { route in
            Route(
                name: route.aggregateName,
                events: route.eventNames,
                handling: route.bind(decoding),
                isReplayable: route.isReplayable
            )
        }
        let names = routes.compactMap(\.aggregateName)
        indices = Dictionary(zip(names, 0...), uniquingKeysWith: { first, _ in first })
        let takesNamed = routes.allSatisfy { !$0.eventNames.isEmpty }
        filter = EventFilter(
            aggregates: Set(names),
            events: takesNamed ? routes.reduce(into: []) { $0.formUnion($1.eventNames) } : []
        )
        isExact = routes.count == 1 || routes.allSatisfy { $0.eventNames.isEmpty }
    }

    func takes(_ event: StoredEvent) -> Bool {
        if hasReplayMark.load(ordering: .acquiring), !mayRunAgain(event) { return false }
        return isExact || index(of: event).map { routes[$0].takes(event) } ?? false
    }

    func begin(_ partition: SubscriptionPartition, after position: Int64) async throws(DeliveryFailure) {
        do throws(EventStoreError) {
            let mark = try await ReplayMark.kept(of: partition.key, in: runtime.store)
            guard mark > position else { return }
            replayedThrough.withLock { $0[partition] = mark }
            hasReplayMark.store(true, ordering: .releasing)
        } catch {
            throw .store(error)
        }
    }

    /// Whether an event has not been handled before a reset, or its handler stands that.
    private func mayRunAgain(_ event: StoredEvent) -> Bool {
        guard let index = index(of: event), !routes[index].isReplayable else { return true }
        return replayedThrough.withLock { marks in
            !marks.contains { partition, mark in event.position <= mark && partition.contains(event.stream) }
        }
    }

    func deliver(_ delivery: EventDelivery) async throws(DeliveryFailure) -> Checkpoint? {
        var rest = delivery.events
        while let first = rest.first {
            guard let index = index(of: first) else {
                rest.removeFirst()
                continue
            }
            let count: Int
            do {
                switch routes[index].handling {
                case .single(let handle):
                    count = 1
                    try await traced(rest.prefix(1), delivery.attempt) { try await handle(first) }
                case .batch(let handle):
                    let events = rest.prefix { self.index(of: $0) == index }
                    count = events.count
                    try await traced(events, delivery.attempt) { try await handle(events) }
                }
            } catch {
                let handled = rest.startIndex - delivery.events.startIndex
                // A batch names the event that it could not decode, a handler may have decoded something of its own.
                if let error = error as? EventCodingError, rest.contains(where: { $0.position == error.position }) {
                    throw .undecodable(error, handled: handled)
                }
                throw .handler(error, handled: handled)
            }
            rest.removeFirst(count)
        }
        return nil
    }

    private func index(of event: StoredEvent) -> Int? {
        routes.count == 1 ? 0 : indices[event.stream.aggregate]
    }

    /// Runs a handler where commands that it sends, and spans that it starts, follow from the event.
    private func traced(
        _ events: ArraySlice<StoredEvent>,
        _ attempt: Int,
        _ handle: () async throws -> Void
    ) async throws {
        guard let event = events.first else { return }
        let isAlone = events.count == 1
        let context = MessageContext(
            correlationID: isAlone ? event.metadata.correlationID : nil,
            causationID: isAlone ? CausationID(event.id) : nil
        )
        try await MessageContext.$current.withValue(context) {
            try await span.around(events, attempt, handle)
        }
    }
}
