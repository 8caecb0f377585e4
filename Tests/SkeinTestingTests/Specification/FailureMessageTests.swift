import Skein
import SkeinTesting
import Testing

@Suite struct FailureMessageTests {
    private let opened = Given(BankAccount.self, .opened(owner: "Ada"), .deposited(amount: 3))

    @Test func `an issue stands at the line of the word that does not hold`() throws {
        let line = #line
        let issues = caughtIssues {
            opened
                .when(.withdraw(amount: 5))
                .rejects(.insufficientFunds(balance: 3))
                .rejects(.notOpen)
                .produces(.withdrawn(amount: 5))
                .produces(events: [.withdrawn(amount: 5)])
                .producesNothing()
                .when(.withdraw(amount: 1))
                .leaves(\.balance, 4)
                .leaves(BankAccount())
                .leaves { $0.balance == 4 }
        }
        #expect(issues.map(\.line) == [5, 6, 7, 8, 10, 11, 12].map { line + $0 })
    }

    @Test func `another outcome is shown beside the expected one`() throws {
        let issues = caughtIssues {
            opened.when(.withdraw(amount: 1)).produces(.withdrawn(amount: 2), .deposited(amount: 1))
            opened.when(.withdraw(amount: 1)).rejects(.notOpen)
            opened.when(.withdraw(amount: 4)).produces(.withdrawn(amount: 4))
            opened.when(.withdraw(amount: 4)).producesNothing()
        }
        #expect(
            issues.map(\.text) == [
                """
                withdraw(amount: 1) came to something else: it produced an event.
                  expected               actual
                  withdrawn(amount: 2) ≠ withdrawn(amount: 1)
                  deposited(amount: 1) <
                """,
                """
                withdraw(amount: 1) came to something else: it produced an event.
                  expected            actual
                  rejected: notOpen ≠ withdrawn(amount: 1)
                """,
                """
                withdraw(amount: 4) came to something else: it was rejected.
                  expected               actual
                  withdrawn(amount: 4) ≠ rejected: insufficientFunds(balance: 3)
                """,
                """
                withdraw(amount: 4) came to something else: it was rejected.
                  expected   actual
                  nothing  ≠ rejected: insufficientFunds(balance: 3)
                """,
            ]
        )
    }

    @Test func `another state is shown part by part`() throws {
        let issues = caughtIssues {
            opened.when(.withdraw(amount: 1))
                .leaves(BankAccount(owner: "Ada", balance: 3))
                .leaves(\.balance, 3)
                .leaves { $0.balance == 3 }
        }
        #expect(
            issues.map(\.text) == [
                """
                withdraw(amount: 1) left another state:
                  expected            actual
                  BankAccount(        BankAccount(
                      owner: "Ada",       owner: "Ada",
                      balance: 3    ≠     balance: 2
                  )                   )
                """,
                """
                withdraw(amount: 1) left another value:
                  expected   actual
                  3        ≠ 2
                """,
                """
                withdraw(amount: 1) left a state for which this does not hold:
                  BankAccount(
                      owner: "Ada",
                      balance: 2
                  )
                """,
            ]
        )
    }

    @Test func `a given command that is rejected is an issue`() throws {
        let line = #line
        let issues = caughtIssues {
            Given(BankAccount.self, commands: .deposit(amount: 1), .open(owner: "Ada")).when(.deposit(amount: 1))
        }
        #expect(issues.map(\.text) == ["The given command deposit(amount: 1) was rejected: notOpen"])
        #expect(issues.map(\.line) == [line + 2])
    }
}
