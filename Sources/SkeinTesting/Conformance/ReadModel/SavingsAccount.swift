import Skein

/// What the read models of the cases are about.
package struct SavingsAccount: Aggregate {
    package enum Command: Codable, Equatable, Sendable { case open, deposit(amount: Int) }
    package enum Event: DomainEvent, Equatable { case opened, deposited(amount: Int) }
    package enum Rejection: DomainRejection, Equatable { case alreadyOpen, notOpen }

    private var isOpen = false

    package init() {}

    package func decide(_ command: Command) throws(Rejection) -> [Event] {
        switch command {
        case .open:
            guard !isOpen else { throw .alreadyOpen }
            return [.opened]
        case .deposit(let amount):
            guard isOpen else { throw .notOpen }
            return [.deposited(amount: amount)]
        }
    }

    package mutating func apply(_ event: Event) { isOpen = true }
}

extension CommandBus {
    package func open(_ ids: String...) async throws {
        for id in ids { try await send(.open, to: SavingsAccount.ID(id)) }
    }

    package func deposit(_ amount: Int, to id: String, times: Int = 1) async throws {
        for _ in 0..<times { try await send(.deposit(amount: amount), to: SavingsAccount.ID(id)) }
    }
}
