/// Which tables of a read model readers see, and which are being filled; kept under the projection's name.
struct Generations: Codable, Hashable, Sendable {
    struct Generation: Codable, Hashable, Sendable {
        /// What the tables' names end with.
        var number: Int
        /// The version of the projection that they are for.
        var version: Int
        /// Their plain names, for another version may have others.
        var tables: [String]
    }

    var live: Generation
    var building: Generation?

    static let topic = "generations"

    var change: NoteChange {
        .keep(SubscriptionNote(topic: Self.topic, key: 0, content: NoteContent.encode(self)))
    }

    /// What is kept; nil for a read model that was never made.
    static func kept(of name: String, in store: any EventStore) async throws(EventStoreError) -> Generations? {
        guard let note = try await store.notes(of: name, topic: topic, from: 0, limit: 1).first else { return nil }
        guard let kept = NoteContent.decode(Generations.self, from: note.content) else {
            throw EventStoreError(.corrupt, "the note on the tables of \(name) cannot be read")
        }
        return kept
    }
}

/// The read model was rebuilt for a newer version of its projection; this program's version has nothing to write to.
public struct ProjectionSuperseded: Error, Hashable, Sendable {
    /// The version that readers see, or will see when its tables are filled.
    public let live: Int

    /// The version of this program's projection.
    public let declared: Int
}
