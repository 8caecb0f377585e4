import Skein
import SkeinTesting
import Testing

@Suite struct BankAccountTests {
    private let opened = Given(BankAccount.self, .opened(owner: "Ada"))

    @Test func `an account is opened once`() {
        Given(BankAccount.self)
            .when(.open(owner: "Ada")).produces(.opened(owner: "Ada"))
            .when(.open(owner: "Bob")).rejects(.alreadyOpen)
    }

    @Test func `what was paid in can be taken out, and no more`() {
        opened
            .when(.deposit(amount: 100)).produces(.deposited(amount: 100))
            .when(.withdraw(amount: 30)).produces(.withdrawn(amount: 30)).leaves(\.balance, 70)
            .when(.withdraw(amount: 71)).rejects(.insufficientFunds(balance: 70)).leaves(\.balance, 70)
    }
}
