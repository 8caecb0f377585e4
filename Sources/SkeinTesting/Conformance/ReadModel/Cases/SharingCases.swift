import Skein
import Testing

extension ReadModelConformance {
    static var waiting: [Case] {
        [false, true].map { declaresIt in
            let who = declaresIt ? "who runs the subscription elsewhere" : "who does not run the subscription"
            // Behaviour cases 127 and 131.
            return Case("waiting", "a bus \(who) waits for whoever does") { stage in
                let keeping = stage.bus(stage.balances())
                let bus =
                    declaresIt
                    ? stage.bus(stage.balances(), on: stage.other)
                    : CommandBus(store: stage.other)
                try await keeping.whileRunning {
                    try await keeping.open("ada")
                    try await stage.reach(1, keeping)
                    try await bus.whileRunning {
                        for count in 1...20 {
                            let options = CommandOptions(awaiting: ["balances"], awaitingTimeout: .seconds(60))
                            try await bus.send(.deposit(amount: 1), to: SavingsAccount.ID("ada"), options: options)
                            try check(try await stage.seen(), is: ["ada": count])
                        }
                        try await keeping.deposit(1, to: "ada")
                        try await stage.reach(22, bus)
                        try check(try await stage.seen(), is: ["ada": 21])
                    }
                }
            }
        } + [
            Case("waiting", "a subscription that nobody has ever run is unknown") { stage in
                do {
                    try await stage.reach(1, CommandBus(store: stage.other))
                    try check(false, "there is nothing to wait for")
                } catch SubscriptionWaitError.unknownSubscription(let name) {
                    try check(name, is: "balances")
                }
            }
        ]
    }

    static var invariants: [Case] {
        [
            // Behaviour case 15.
            Case("invariants", "of sixteen accounts that race for one name exactly one is opened") { stage in
                try await stage.store.transact { try stage.table.make("names", $0) }
                // Half of what the table takes: nobody has a name together with another one.
                let handler = TransactionalHandler(SavingsAccount.self, Store.Transaction.self) { event, transaction in
                    let name = event.aggregateID.value.prefix { $0 != "-" }
                    try stage.table.add(600, String(name), "names", transaction)
                }
                let buses = [stage.store, stage.other].map { CommandBus(store: $0, transactionalHandlers: [handler]) }
                for round in 1...5 {
                    let opened = try await withThrowingTaskGroup(of: Bool.self) { group in
                        for number in 1...16 {
                            group.addTask { try await isOpened("\(round)-\(number)", by: buses[number % 2], stage) }
                        }
                        return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
                    }
                    try check(opened, is: 1, "opened in round \(round)")
                }
                let page = try await stage.store.readLog(from: 0, direction: .forward, filter: .all, limit: 100)
                try check(page.events.map { $0.stream.id.prefix(2) }, is: ["1-", "2-", "3-", "4-", "5-"])
                let names = try await stage.table.read("names", in: stage.store)
                try check(names, is: ["1": 600, "2": 600, "3": 600, "4": 600, "5": 600])
                // Who was refused may come again with what is right.
                try check(try await isOpened("1-late", by: buses[0], stage), is: false)
                try check(try await isOpened("6-late", by: buses[0], stage), is: true)
            }
        ]
    }

    private static func isOpened(
        _ id: String,
        by bus: CommandBus,
        _ stage: ReadModelStage<Store>
    ) async throws -> Bool {
        do {
            try await bus.open(id)
            return true
        } catch CommandError<SavingsAccount.Rejection>.handlerFailed(let cause) {
            try check(stage.table.isRefusal(cause), "\(cause) is the database's own error")
            return false
        }
    }
}
