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

    /// Whether the processes also share subscriptions in parts, in batches and with parking: they take most of the steps.
    var hasReadSide = false

    /// What is wrong with the store that the processes see; nil is nothing.
    var defect: StoreDefect?
    /// What the processes run.
    var control = AccountControl.bus

    func run(in world: SimulatedWorld) async throws {
        var random = world.random
        let count = Int.random(in: 2...4, using: &random)
        let readSide = hasReadSide ? ReadSide() : nil
        let nodes = try (1...count).map { number in
            try control == .bus
                ? AccountNode(world.node("n\(number)") { host in try makeBus(host, number, readSide) })
                : AccountNode(world.node("n\(number)") { [control] in control.make($0.store) }, world.history)
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
        if control == .bus, defect == nil { try await readSide?.check(in: world) }
        try await world.check(control == .bus ? Self.busChecker : Self.bareChecker)
    }

    private func makeBus(_ host: SimulatedHost, _ number: Int, _ readSide: ReadSide?) throws -> CommandBus {
        var configuration = host.configuration
        configuration.coder = BankCoder()
        configuration.residentLimit = 3
        configuration.residentIdleTime = .milliseconds(1_200)
        configuration.outcomeTimeout = .milliseconds(50)
        configuration.subscriptionBuffer = 7
        configuration.checkpointInterval = .milliseconds(100)
        configuration.subscriptionPollInterval = .milliseconds(250)
        configuration.leaseDuration = .milliseconds(450)
        let retry = RetryPolicy(retries: 20, backoff: Backoff(first: .milliseconds(1), longest: .milliseconds(50)))
        let store: any EventStore = defect.map { BrokenStore($0, over: host.store) } ?? host.store
        return try CommandBus(store: store, configuration: configuration) {
            Subscription("shared", retry: retry) { host.on(BankAccount.self, in: "shared") }
            readSide?.subscriptions(on: host) ?? []
            if number == 1 {
                Subscription("alone", retry: retry) { host.on(BankAccount.self, in: "alone") }
                Subscription("ephemeral", durability: .ephemeral, retry: retry) {
                    host.on(BankAccount.self, in: "ephemeral")
                }
            }
        }
    }

    /// The checkers for processes without subscriptions and with them. They keep what they have decoded.
    private static let bareChecker = HistoryChecker(checks: checks, coder: BankCoder())
    private static let busChecker = HistoryChecker(
        checks: checks,
        subscriptions: [
            ObservedSubscription("alone", isDrained: true),
            ObservedSubscription("shared", isDrained: true),
            ObservedSubscription("ephemeral", durability: .ephemeral, isDrained: true),
        ]
            + ReadSide.names.map { ObservedSubscription($0, isUnjudged: true) },
        coder: BankCoder()
    )

    private static let checks: [any HistoryCheck] = [
        LinearizabilityCheck(BankAccount.self),
        Invariant("all the money is still there", over: BankAccount.self) { accounts in
            accounts.values.allSatisfy { $0.owner != nil }
                && accounts.values.reduce(0) { $0 + $1.balance } == accounts.count * BankClients.openingBalance
        },
    ]
}
