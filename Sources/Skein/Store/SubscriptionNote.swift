/// Something that a subscription keeps beside its checkpoint, such as an event that it has parked.
public struct SubscriptionNote: Hashable, Sendable {
    /// What kind of note it is. With the key it names the note among those of its subscription, byte by byte.
    public let topic: String

    /// What the note is about, such as an event's position.
    public let key: Int64

    /// What it says, kept byte for byte.
    public let content: [UInt8]

    /// Creates a note.
    public init(topic: String, key: Int64, content: [UInt8]) {
        self.topic = topic
        self.key = key
        self.content = content
    }
}

/// A change of a subscription's notes.
public enum NoteChange: Hashable, Sendable {
    /// Keeps a note, in place of the one of the same topic and key.
    case keep(SubscriptionNote)

    /// Drops a note; without one it does nothing.
    case drop(topic: String, key: Int64)

    /// The topic of the note.
    public var topic: String {
        switch self {
        case .keep(let note): note.topic
        case .drop(let topic, _): topic
        }
    }
}
