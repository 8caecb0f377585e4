import Skein
import Synchronization

enum Numbered: DomainEvent, Equatable { case numbered(Int) }
enum Draw: Codable, Sendable { case draw, refuse }
struct Refusal: DomainRejection, Equatable { var ticket = 0 }

/// Decides by a number that nothing keeps.
struct TicketMachine: Aggregate {
    static let counter = Atomic(0)

    static func next() -> Int { counter.add(1, ordering: .relaxed).newValue }

    func decide(_ command: Draw) throws(Refusal) -> [Numbered] {
        if command == .refuse { throw Refusal(ticket: Self.next()) }
        return [.numbered(Self.next())]
    }

    mutating func apply(_ event: Numbered) {}
}

/// Applies a number that is not in the event.
struct DriftingClock: Aggregate {
    typealias Rejection = Never
    static let counter = Atomic(0)

    var readings: [Int] = []

    func decide(_ command: Draw) -> [Numbered] { [.numbered(0)] }

    mutating func apply(_ event: Numbered) {
        readings.append(Self.counter.add(1, ordering: .relaxed).newValue)
    }
}

/// Changes its state while it decides, through an object that all copies share.
struct LeakyBox: Aggregate {
    typealias Rejection = Never

    final class Shared: Sendable {
        let opened = Atomic(0)
    }

    final class Plain: Sendable, CustomReflectable {
        let shared = Shared()
        var customMirror: Mirror { Mirror(self, children: ["opened": shared.opened.load(ordering: .relaxed)]) }
    }

    let box = Plain()

    func decide(_ command: Draw) -> [Numbered] {
        box.shared.opened.add(1, ordering: .relaxed)
        return []
    }

    mutating func apply(_ event: Numbered) {}
}

/// Decides by something that is in the memory of the process only, though its state says it is the same.
struct Nostalgic: Aggregate, Codable, Equatable {
    typealias Rejection = Never

    var count = 0
    var isFresh = true

    private enum CodingKeys: CodingKey { case count }

    static func == (left: Nostalgic, right: Nostalgic) -> Bool { left.count == right.count }

    func decide(_ command: Draw) -> [Numbered] { isFresh ? [.numbered(1)] : [] }

    mutating func apply(_ event: Numbered) {
        count += 1
        isFresh = false
    }
}
