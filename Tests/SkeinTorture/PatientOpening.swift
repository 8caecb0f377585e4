import Skein
import SkeinPostgres

extension PostgresEventStore {
    /// Opens a store, again and again for half a minute: its short time-outs are for what comes after, and the server may be
    /// starting, or busy with other tests.
    static func opened(_ connection: String, _ configuration: PostgresConfiguration) async throws -> PostgresEventStore
    {
        let end = ContinuousClock.now + .seconds(30)
        while true {
            do throws(EventStoreError) {
                return try await PostgresEventStore(connection, configuration: configuration)
            } catch {
                guard ContinuousClock.now < end else { throw error }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }
}
