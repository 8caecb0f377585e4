import Skein
import SkeinTesting

/// Clients move money between accounts, through processes that crash, over a store that fails.
///
/// Each transfer is a withdrawal and a deposit with ids of their own, each sent again, to any process, until its outcome
/// is known: then no money is made and none is lost.
struct BankScenario: Sendable {
    var operations = 300
    var accounts = 5
    var clients = 4

    func run(in world: SimulatedWorld) async throws {
        var random = world.random
        var nodes: [SimulatedNode<CommandBus>] = []
        for number in 1...Int.random(in: 2...4, using: &random) {
            nodes.append(try world.node("n\(number)") { host in try makeBus(host, number) })
        }
        let bank = BankClients(world: world, nodes: nodes, accounts: (1...accounts).map { BankAccount.ID("a\($0)") })
        try await bank.open()
        let share = operations / clients
        try await withThrowingTaskGroup(of: Void.self) { group in
            for client in 0..<clients {
                group.addTask { try await bank.act(as: client, times: share) }
            }
            try await group.waitForAll()
        }
        try await world.settle()
        try await bank.readAll()
        try await world.check(checker(nodes: nodes.count))
    }

    private func makeBus(_ host: SimulatedHost, _ number: Int) throws -> CommandBus {
        var configuration = host.configuration
        configuration.residentLimit = 3
        configuration.residentIdleTime = .milliseconds(400)
        configuration.outcomeTimeout = .milliseconds(50)
        configuration.subscriptionBuffer = 7
        configuration.checkpointInterval = .milliseconds(20)
        let retry = RetryPolicy(retries: 20, backoff: Backoff(first: .milliseconds(1), longest: .milliseconds(50)))
        return try CommandBus(store: host.store, configuration: configuration) {
            Subscription("durable-\(number)", retry: retry) { host.on(BankAccount.self, in: "durable-\(number)") }
            Subscription("ephemeral", durability: .ephemeral, retry: retry) {
                host.on(BankAccount.self, in: "ephemeral")
            }
        }
    }

    private func checker(nodes: Int) -> HistoryChecker {
        let total = accounts * BankClients.openingBalance
        var subscriptions = (1...nodes).map { ObservedSubscription("durable-\($0)", isDrained: true) }
        subscriptions.append(ObservedSubscription("ephemeral", durability: .ephemeral, isDrained: true))
        return HistoryChecker(
            checks: [
                LinearizabilityCheck(BankAccount.self),
                Invariant("all the money is still there", over: BankAccount.self) { accounts in
                    accounts.values.reduce(0) { $0 + $1.balance } == total
                },
            ],
            subscriptions: subscriptions
        )
    }
}
