import Skein

/// An aggregate that always agrees, and whose events cannot always be written.
struct Thermometer: Aggregate {
    typealias Rejection = Never

    enum Command { case measure(celsius: Double), fill(count: Int) }
    enum Event: DomainEvent, Equatable { case measured(celsius: Double) }

    var last: Double?
    var count = 0

    func decide(_ command: Command) -> [Event] {
        switch command {
        case .measure(let celsius): [.measured(celsius: celsius)]
        case .fill(let count): Array(repeating: .measured(celsius: 1), count: count)
        }
    }

    mutating func apply(_ event: Event) {
        switch event {
        case .measured(let celsius):
            last = celsius
            count += 1
        }
    }
}
