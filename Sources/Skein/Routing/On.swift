/// Sends events to a handler: those of one aggregate type, or all.
public struct On: Sendable {
    /// What is done with events; the slice is for routes that take batches.
    enum Handling: Sendable {
        case single(@Sendable (StoredEvent) async throws -> Void)
        case batch(@Sendable (ArraySlice<StoredEvent>) async throws -> Void)
    }

    /// Nil for all aggregate types.
    let aggregateName: String?
    /// The stored names of the events that are wanted; empty for all.
    let eventNames: Set<String>
    let takesBatches: Bool
    /// Whether events are given again after a reset that were given before.
    private(set) var isReplayable = false
    let bind: @Sendable (EventDecoding) -> Handling

    private init(
        _ aggregateName: String?,
        _ eventNames: [String],
        takesBatches: Bool,
        _ bind: @escaping @Sendable (EventDecoding) -> Handling
    ) {
        self.aggregateName = aggregateName
        self.eventNames = Set(eventNames)
        self.takesBatches = takesBatches
        self.bind = bind
    }

    /// Handles the events of an aggregate type with a closure.
    public init<A: Aggregate>(
        _ type: A.Type,
        _ handle: @escaping @Sendable (RecordedEvent<A>) async throws -> Void
    ) {
        self.init(type, [], handle)
    }

    /// Handles those events of an aggregate type with a closure that have certain names.
    ///
    /// - Parameters:
    ///   - type: The aggregate type whose events are handled.
    ///   - name: The stored name of the events that are wanted, such as `deposited`. Others are not even decoded.
    ///   - more: Further names.
    ///   - handle: What is done with an event. The next one comes when it returns.
    public init<A: Aggregate>(
        _ type: A.Type,
        events name: String,
        _ more: String...,
        handle: @escaping @Sendable (RecordedEvent<A>) async throws -> Void
    ) {
        self.init(type, [name] + more, handle)
    }

    private init<A: Aggregate>(
        _ type: A.Type,
        _ names: [String],
        _ handle: @escaping @Sendable (RecordedEvent<A>) async throws -> Void
    ) {
        self.init(type.aggregateName, names, takesBatches: false) { decoding in
            let decode = decoding.decoder(of: type)
            return .single { stored in try await handle(decode(stored)) }
        }
    }

    /// Handles the events of an aggregate type with a handler.
    public init<Handler: EventHandler>(_ handler: Handler) {
        self.init(Handler.Source.self) { event in try await handler.handle(event) }
        isReplayable = handler is any ReplayableEventHandler
    }

    /// The same route, which is given events again when its subscription is reset; see ``ReplayableEventHandler``.
    public func replayable() -> On {
        var route = self
        route.isReplayable = true
        return route
    }

    /// Handles the events of an aggregate type many at a time, in a subscription that says how many.
    ///
    /// A batch ends where an event of another route stands between. If the closure throws, the batch comes again in smaller
    /// parts, until the event is found that it fails on.
    public static func batch<A: Aggregate>(
        _ type: A.Type,
        events: String...,
        handle: @escaping @Sendable ([RecordedEvent<A>]) async throws -> Void
    ) -> On {
        On(type.aggregateName, events, takesBatches: true) { decoding in
            let decode = decoding.decoder(of: type)
            return .batch { stored in
                var events: [RecordedEvent<A>] = []
                events.reserveCapacity(stored.count)
                for event in stored { events.append(try decode(event)) }
                try await handle(events)
            }
        }
    }

    /// Handles all events as they are stored, whatever aggregate they belong to. It is the only route of its subscription.
    public static func every(_ handle: @escaping @Sendable (StoredEvent) async throws -> Void) -> On {
        On(nil, [], takesBatches: false) { _ in .single(handle) }
    }
}
