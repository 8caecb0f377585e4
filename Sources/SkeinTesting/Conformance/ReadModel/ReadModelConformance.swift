public import Skein
import Testing

/// What read models promise, as something that can be carried out on any store whose transactions keep them.
///
/// ```swift
/// @Test(arguments: ReadModelConformance.cases(for: subject))
/// func `the store keeps read models`(_ test: ConformanceTest<ReadModelSubject<MyStore>>) async throws {
///     try await test.run()
/// }
/// ```
public enum ReadModelConformance<Store: TransactionalEventStore>: ConformanceWords
where Store.Transaction: ReadModelTransaction {
    /// A case of the suite.
    public typealias Case = ConformanceCase<ReadModelSubject<Store>>

    /// A case of the suite on one subject.
    public typealias Test = ConformanceTest<ReadModelSubject<Store>>

    /// All cases, by topic.
    public static var cases: [Case] { projecting + failing + rebuilding + versions + waiting + invariants }

    /// All cases as arguments of a test.
    public static func cases(for subject: ReadModelSubject<Store>) -> [Test] {
        cases.map { Test($0, on: subject) }
    }

    /// Where and why a subscription stops before it has come to a position.
    static func end(
        of bus: CommandBus,
        before position: Int64,
        _ stage: ReadModelStage<Store>,
        at location: SourceLocation = #_sourceLocation
    ) async throws -> (position: Int64, cause: any Error) {
        do {
            try await stage.reach(position, bus)
        } catch SubscriptionWaitError.stopped(_, .handlerFailed(let position, _, let cause)) {
            return (position, cause)
        }
        throw ConformanceFailure("the subscription did not stop before \(position)", at: location)
    }
}
