import Dispatch
import Logging
import Skein
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Makes connections that are set up for the store.
final class ConnectionSource: Sendable {
    let configuration: PostgresConfiguration
    private let target: ConnectionTarget
    /// Set once the store is closed: nobody tries to connect any longer.
    private let isStopped = Atomic(false)

    init(_ target: ConnectionTarget, _ configuration: PostgresConfiguration) {
        self.target = target
        self.configuration = configuration
    }

    func stop() { isStopped.store(true, ordering: .releasing) }

    /// Connects once.
    func open(until deadline: Deadline) throws(PostgresFailure) -> PostgresConnection {
        let connection = try PostgresConnection.open(
            target,
            connectTimeout: configuration.connectTimeout,
            until: deadline
        )
        do {
            try connection.run(sessionSettings, until: deadline)
        } catch {
            // Nothing was asked of the server yet: whatever it says, there is no connection.
            throw PostgresFailure(sqlState: error.sqlState, message: error.message, losesConnection: true)
        }
        return connection
    }

    /// Connects, and tries again with growing pauses while the server cannot be reached or has no room.
    func reopen() throws(EventStoreError) -> PostgresConnection {
        let deadline = Deadline(in: configuration.connectTimeout)
        var pause = 10_000 as UInt32
        while true {
            do {
                return try open(until: deadline)
            } catch {
                let error = EventStoreError(error, during: .connecting)
                guard error.isTransient, !deadline.hasPassed, !isStopped.load(ordering: .acquiring) else { throw error }
                // Half of it at random, so that many processes do not come at the same moment.
                usleep(pause / 2 + UInt32.random(in: 0...pause / 2))
                pause = min(pause * 2, 500_000)
            }
        }
    }

    /// How long to wait for a statement's answer: the server gives up by itself before.
    var answerDeadline: Deadline { Deadline(in: configuration.statementTimeout + .seconds(5)) }

    /// Plans are kept while the tables grow, so none may scan a table; without a limit for their cost, the server would
    /// compile them.
    private var sessionSettings: String {
        """
        SET search_path TO "\(configuration.schema)", pg_catalog, pg_temp;
        SET statement_timeout TO \(configuration.statementTimeout.milliseconds);
        SET lock_timeout TO \(configuration.lockTimeout.milliseconds);
        SET idle_in_transaction_session_timeout TO \(configuration.statementTimeout.milliseconds);
        SET default_transaction_isolation TO 'read committed';
        SET plan_cache_mode TO force_generic_plan;
        SET enable_seqscan TO off;
        SET enable_bitmapscan TO off;
        SET jit TO off;
        SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';
        """
    }
}
