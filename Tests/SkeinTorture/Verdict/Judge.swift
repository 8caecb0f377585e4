import Skein
import SkeinTesting

/// Judges histories against the raw log, after it has shown that it can tell good from bad.
struct Judge {
    private let checker: HistoryChecker

    init(subscriptions: [String]) {
        checker = HistoryChecker(
            checks: [
                LinearizabilityCheck(Account.self),
                Invariant("all the money is still there", over: Account.self) { accounts in
                    accounts.count == Bank.accounts.count
                        && accounts.values.reduce(0) { $0 + $1.balance } == accounts.count * Bank.openingBalance
                        && accounts.values.allSatisfy { $0.balance >= 0 }
                },
            ],
            subscriptions: subscriptions.map { ObservedSubscription($0, isDrained: true) }
        )
    }

    func violations(_ history: History, _ log: [StoredEvent]) -> [Violation] {
        checker.check(history, against: log)
    }

    /// What the judge fails to notice; it must be nothing, or its verdict means nothing.
    ///
    /// - Parameter clean: What it has found without a forgery.
    func blindness(_ history: History, _ log: [StoredEvent], clean: [Violation]) -> [String] {
        var unnoticed: [String] = []
        for forgery in Forgery.allCases {
            guard let (history, log) = forgery.apply(to: history, log) else {
                unnoticed.append("\(forgery.rawValue) could not be tried")
                continue
            }
            let found = violations(history, log)
            let isNoticed = forgery.kinds.contains { kind in
                found.count { $0.kind == kind } > clean.count { $0.kind == kind }
            }
            if !isNoticed { unnoticed.append("\(forgery.rawValue) was not noticed: \(found.prefix(3))") }
        }
        return unnoticed
    }
}
