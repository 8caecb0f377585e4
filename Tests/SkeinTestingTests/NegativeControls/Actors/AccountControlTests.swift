import Skein
import SkeinTesting
import Testing

/// The checker accepts the right services, and catches every broken one within some runs on a store that is not steady.
struct AccountControlTests {
    private let checker = HistoryChecker(checks: [LinearizabilityCheck(BankAccount.self)])

    @Test(arguments: AccountControl.allCases.filter(\.isRight))
    func `a right service is never blamed`(_ control: AccountControl) async throws {
        for seed in 1...20 as ClosedRange<UInt64> {
            let violations = try await violations(of: control, seed: seed)
            #expect(violations == [], "seed \(seed)")
        }
    }

    @Test(arguments: AccountControl.allCases.filter { !$0.isRight })
    func `a broken service is caught`(_ control: AccountControl) async throws {
        for seed in 1...200 as ClosedRange<UInt64> where try await !violations(of: control, seed: seed).isEmpty {
            return
        }
        Issue.record("\(control.rawValue) was not caught")
    }

    /// Two processes, four clients, two accounts.
    private func violations(of control: AccountControl, seed: UInt64) async throws -> [Violation] {
        let store = UnsteadyStore(seed: seed)
        let recorder = HistoryRecorder()
        let services = [control.make(store), control.make(store)]
        await withTaskGroup(of: Void.self) { group in
            for client in 0..<4 {
                let service = services[client % 2]
                group.addTask { await use(service, recorder, client: client, seed: seed) }
            }
        }
        return checker.check(recorder.history, against: try await HistoryChecker.readLog(of: store))
    }

    private func use(_ service: any AccountService, _ recorder: HistoryRecorder, client: Int, seed: UInt64) async {
        var random = SeededRandom(seed: seed &* 31 &+ UInt64(client))
        for number in 0..<12 {
            let id = BankAccount.ID("account-\(Int.random(in: 0..<2, using: &random))")
            guard number == 0 || Int.random(in: 0..<5, using: &random) > 0 else {
                await read(service, id, recorder, "client-\(client)")
                continue
            }
            let command: BankAccount.Command =
                number == 0
                ? .open(owner: "Ada")
                : Bool.random(using: &random) ? .deposit(amount: 2) : .withdraw(amount: 3)
            // Some ids come again, from whatever client.
            let commandID = CommandID(high: seed, low: UInt64.random(in: 1..<60, using: &random) << 8 | UInt64(number))
            await send(service, command, id, commandID, recorder, "client-\(client)")
        }
    }

    private func send(
        _ service: any AccountService,
        _ command: BankAccount.Command,
        _ id: BankAccount.ID,
        _ commandID: CommandID,
        _ recorder: HistoryRecorder,
        _ node: String
    ) async {
        let value = History.Value(command)
        // Each is sent twice, as by a client that did not hear the answer; in a task of its own, which may be cancelled.
        for _ in 0..<2 {
            let call = History.CommandCall(id: commandID, stream: id.stream, command: value)
            let operation = recorder.invoke(.command(call), by: node)
            let answer = await Task { () -> History.Answer in
                do throws(AccountError) {
                    let receipt = try await service.send(command, to: id, commandID: commandID)
                    return .acknowledged(History.Acknowledgement(receipt))
                } catch {
                    return History.Answer(error, expected: .any)
                }
            }.value
            recorder.complete(operation, answer, by: node)
        }
    }

    private func read(
        _ service: any AccountService,
        _ id: BankAccount.ID,
        _ recorder: HistoryRecorder,
        _ node: String
    ) async {
        let operation = recorder.invoke(.read(id.stream), by: node)
        do throws(AccountError) {
            recorder.complete(operation, .state(History.Value(try await service.state(of: id))), by: node)
        } catch {
            recorder.complete(operation, History.Answer(error, expected: .any), by: node)
        }
    }
}
