import PostgresServer
import Skein
import SkeinTesting

extension Torture {
    /// Judges from the raw tables and from what all processes have written down.
    func judge(since start: ContinuousClock.Instant) async throws -> TortureReport {
        let session = try await server.session(to: database)
        _ = try await session.wait(
            until: """
                NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
                            AND pid <> pg_backend_pid() AND backend_type = 'client backend')
                """
        )
        let tables = try await RawTables.read(from: session, withEntries: keepsEntries)
        await session.close()
        let history = History(merging: [recorder.history] + (try finished.map { try HistoryFile.read($0.history) }))
        let judge = Judge(subscriptions: proxies.indices.map(Bank.subscription))
        let violations = judge.violations(history, tables.log)
        let unnoticed = judge.blindness(history, tables.log, clean: violations)
        var counts: [String: TortureReport.FaultCount] = [:]
        for kind in kinds {
            counts[kind.rawValue] = .init(injected: injected[kind, default: 0], hits: hits[kind, default: 0])
        }
        var report = TortureReport(
            seed: seed,
            seconds: start.duration(to: .now) / .seconds(1),
            faults: counts,
            events: tables.log.count,
            violations: problems + tables.problems + unnoticed + violations.map(\.description)
        )
        report.forgeries = Forgery.allCases.count
        report.forgeriesNoticed = report.forgeries - unnoticed.count
        report.count(history, tables)
        return report
    }
}
