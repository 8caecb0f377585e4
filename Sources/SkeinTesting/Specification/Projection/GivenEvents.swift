public import Skein
public import Testing

/// The beginning of a specification of a handler or a projection: what is in the log.
///
///     await GivenEvents {
///         Recorded(.opened(owner: "Ada"), .deposited(amount: 5), of: BankAccount.ID("ada"))
///     }
///     .handled(by: turnover).leaves(5) { await turnover.total }.redelivered()
///
/// The events are encoded, stored in memory, and delivered by a bus, as they are in an application. Ids, versions,
/// positions and times of recording are the same in each run. An event that is not read as it was written is an issue.
public struct GivenEvents {
    private let coder: any EventCoder
    private let events: [Recorded]
    private let sourceLocation: SourceLocation

    /// A log with these events, in this order.
    public init(
        coder: any EventCoder = JSONEventCoder(),
        sourceLocation: SourceLocation = #_sourceLocation,
        @RecordedBuilder _ events: () -> [Recorded]
    ) {
        self.coder = coder
        self.events = events()
        self.sourceLocation = sourceLocation
    }

    /// Delivers the events to a handler, and waits until it has handled them.
    ///
    /// - Parameters:
    ///   - handler: What is specified.
    ///   - timeout: How long to wait; no time passes if all goes well.
    ///   - sourceLocation: Where issues are reported.
    @discardableResult
    public func handled(
        by handler: some EventHandler,
        within timeout: Duration = .seconds(10),
        sourceLocation: SourceLocation = #_sourceLocation
    ) async -> Handled {
        await handled(by: Subscription("specified", handler), within: timeout, sourceLocation: sourceLocation)
    }

    /// Delivers the events to a subscription, and waits until it has handled them.
    ///
    /// The subscription begins with the first event, whatever its durability. A handler that throws is an issue at
    /// once: the subscription's retries are left out. A projection has each event's effect once, however often it comes.
    @discardableResult
    public func handled(
        by subscription: Subscription,
        within timeout: Duration = .seconds(10),
        sourceLocation: SourceLocation = #_sourceLocation
    ) async -> Handled {
        let store = InMemoryEventStore()
        for (index, recorded) in events.enumerated() {
            let (append, findings) = recorded.append(index + 1, coder)
            for finding in findings { finding.record(at: self.sourceLocation) }
            do {
                _ = try await store.append(append)
            } catch {
                let place = "The events of \(append.stream) cannot be stored"
                Finding("\(place): \(error)").record(at: self.sourceLocation)
            }
        }
        let delivery = Delivery(of: store, to: subscription, coder: coder, within: timeout)
        return await Handled(by: delivery, sourceLocation)
    }

    /// Delivers the events to routes, and waits until they have handled them.
    @discardableResult
    public func handled(
        within timeout: Duration = .seconds(10),
        sourceLocation: SourceLocation = #_sourceLocation,
        @RouteBuilder by routes: () -> [On]
    ) async -> Handled {
        await handled(
            by: Subscription("specified", routes: routes),
            within: timeout,
            sourceLocation: sourceLocation
        )
    }
}
