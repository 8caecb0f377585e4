/// What somebody wants of the owner of a partition, who looks for it now and then.
struct SubscriptionRequest: Codable, Hashable, Sendable {
    enum Action: String, Codable, Sendable {
        /// Handle nothing until the note is dropped.
        case pause
        /// Try the parked events of a stream again, from the first on.
        case retry
        /// Forget a parked event.
        case drop
    }

    static let topic = "request"

    var action: Action
    /// The parked event that it is about; for a retry, the first one of its stream. 0 for none.
    var position: Int64
    /// The stream that is to be tried again.
    var aggregate: String?
    var id: String?

    init(_ action: Action, at position: Int64 = 0, of stream: StreamID? = nil) {
        self.action = action
        self.position = position
        aggregate = stream?.aggregate
        id = stream?.id
    }

    var stream: StreamID? {
        guard let aggregate, let id else { return nil }
        return StreamID(aggregate: aggregate, id: id)
    }

    /// One request of each kind about each event.
    var key: Int64 {
        switch action {
        case .pause: 0
        case .retry: position &* 2
        case .drop: position &* 2 &+ 1
        }
    }

    var keep: NoteChange {
        .keep(SubscriptionNote(topic: Self.topic, key: key, content: NoteContent.encode(self)))
    }

    var drop: NoteChange { .drop(topic: Self.topic, key: key) }

    static let pause = SubscriptionRequest(.pause)

    /// What is asked of a partition, at most as much as one page; what is dropped comes first.
    static func all(of key: String, in store: any EventStore) async throws(EventStoreError) -> [SubscriptionRequest] {
        let limit = min(1_000, store.limits.pageSize)
        let notes = try await store.notes(of: key, topic: topic, from: 0, limit: limit)
        let requests = notes.compactMap { NoteContent.decode(SubscriptionRequest.self, from: $0.content) }
        return requests.filter { $0.action != .retry } + requests.filter { $0.action == .retry }
    }
}
