import Foundation
import PostgresServer

extension Torture {
    /// Makes a fault happen and returns how many things it has hit.
    func inject(_ fault: Fault) async throws -> Int {
        let slot = pick(0...(proxies.count - 1))
        let proxy = proxies[slot]
        guard let worker = workers.last(where: { $0.slot == slot }) else { return 0 }
        switch fault {
        case .killWorker:
            worker.child.signal(SIGKILL)
            let exit = await worker.child.exit()
            remove(worker)
            try await startWorker(slot)
            return exit.signal == SIGKILL ? 1 : 0
        case .pauseWorker:
            worker.child.signal(SIGSTOP)
            try await pause(200...2_500)
            worker.child.signal(SIGCONT)
            return 1
        case .supersedeWorker:
            worker.child.signal(SIGSTOP)
            try await startWorker(slot)
            try await pause(50...500)
            worker.child.signal(SIGCONT)
            try await pause(200...1_000)
            worker.child.signal(SIGKILL)
            _ = await worker.child.exit()
            remove(worker)
            return 1
        case .terminateBackends:
            return try await terminateBackends(atMost: pick(1...12))
        case .crashServer:
            try await server.stop(.immediate)
            try await pause(0...400)
            try await server.start()
            return 1
        case .cutConnections:
            return await proxy.cutConnections(abruptly: Bool.random(using: &random))
        case .refuseConnections:
            proxy.refuseConnections(true)
            let count = await proxy.cutConnections(abruptly: false)
            try await pause(50...800)
            proxy.refuseConnections(false)
            return count
        case .delay:
            let count = proxy.openConnections
            proxy.delay(.milliseconds(pick(5...300)))
            try await pause(300...1_000)
            proxy.delay(.zero)
            return count
        case .halfOpen:
            let count = proxy.openConnections
            proxy.stall(true)
            try await pause(500...5_000)
            if Bool.random(using: &random) { await proxy.cutConnections(abruptly: false) }
            proxy.stall(false)
            return count
        case .loseRequest: return try await cutAppends(.beforeRequest)
        case .cutDuringAppend: return try await cutAppends(.afterRequest)
        case .loseAnswer: return try await cutAppends(.afterAnswer)
        }
    }

    private func pause(_ milliseconds: ClosedRange<Int>) async throws {
        try await Task.sleep(for: .milliseconds(pick(milliseconds)))
    }

    private func terminateBackends(atMost limit: Int) async throws -> Int {
        let session = try await server.session(to: database)
        let ended = try await session.run(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
            ORDER BY random() LIMIT \(limit)
            """
        )
        await session.close()
        return ended.count
    }

    /// Arms every proxy, and counts the cuts that come about in the time that the next appends take.
    private func cutAppends(_ moment: ProxyCut.Moment) async throws -> Int {
        let before = proxies.map { $0.tally.statementCuts[moment, default: 0] }
        for proxy in proxies { proxy.cut(.append(moment, skipping: pick(0...5))) }
        try await pause(300...600)
        for proxy in proxies { proxy.calm() }
        return zip(proxies, before).reduce(0) { $0 + $1.0.tally.statementCuts[moment, default: 0] - $1.1 }
    }
}
