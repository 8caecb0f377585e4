public import Skein

extension HistoryRecorder {
    /// A route that notes each event, hands it to a closure, and notes that the closure is done.
    ///
    /// - Parameters:
    ///   - type: The aggregate type whose events are handled.
    ///   - subscription: The name of the subscription that the route belongs to.
    ///   - node: Who runs the subscription; a name of its own for each run of a bus.
    ///   - handle: What is done with an event; if it throws, the event counts as delivered and not as handled.
    public func on<A: Aggregate>(
        _ type: A.Type,
        in subscription: String,
        as node: String,
        handle: @escaping @Sendable (RecordedEvent<A>) async throws -> Void = { _ in }
    ) -> On {
        On(type) { event in
            let delivery = History.Delivery(event, to: subscription)
            self.delivered(delivery, to: node)
            try await handle(event)
            self.handled(delivery, by: node)
        }
    }

    /// A route that notes what a handler is given, and that it is done.
    public func on<Handler: EventHandler>(_ handler: Handler, in subscription: String, as node: String) -> On {
        on(Handler.Source.self, in: subscription, as: node) { event in try await handler.handle(event) }
    }
}
