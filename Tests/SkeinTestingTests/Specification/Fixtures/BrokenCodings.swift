import Skein

/// An aggregate of one kind of event, command and rejection, each with a coding of its own.
struct Parcel<Content: PostalContent>: Aggregate {
    struct Event: DomainEvent { var content: Content }
    struct Command: Sendable { var content: Content }
    typealias Rejection = Never

    static var aggregateName: String { "Parcel" }

    var contents: [Content] = []

    func decide(_ command: Command) -> [Event] { [Event(content: command.content)] }
    mutating func apply(_ event: Event) { contents.append(event.content) }
}

protocol PostalContent: Codable, Sendable {}

/// Leaves its note out of what is stored.
struct Forgetful: PostalContent {
    var name = "book"
    var note = ""

    init(note: String) {
        self.note = note
    }

    private enum CodingKeys: CodingKey { case name }
}

/// Is written as a text and read as a number.
struct Unreadable: PostalContent {
    init() {}

    init(from decoder: any Decoder) throws {
        _ = try decoder.singleValueContainer().decode(Int.self)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode("a text")
    }
}

/// May be a number that JSON does not have.
struct Weight: PostalContent {
    var kilograms: Double
}

/// Commands, rejections and states with a coding that loses something.
struct Archive: Aggregate, Codable, Equatable {
    struct Command: Codable, Equatable {
        var isRefused = false
        var reason = ""
        private enum CodingKeys: CodingKey { case isRefused }
    }
    enum Event: DomainEvent { case filed(reason: String) }
    struct Rejection: DomainRejection {
        var reason = ""
        init(reason: String) { self.reason = reason }
        private enum CodingKeys: CodingKey {}
    }

    var count = 0
    var reasons: [String] = []

    private enum CodingKeys: CodingKey { case count }

    func decide(_ command: Command) throws(Rejection) -> [Event] {
        if command.isRefused { throw Rejection(reason: "\(reasons.count)") }
        return [.filed(reason: command.reason)]
    }

    mutating func apply(_ event: Event) {
        guard case .filed(let reason) = event else { return }
        count += 1
        if !reason.isEmpty { reasons.append(reason) }
    }
}
