import Skein
import SkeinPostgres

extension Workload {
    static let postgres = Workload(
        name: "postgres",
        summary: "senders to 2,000 aggregates on PostgreSQL, metadata, every second command with an id of its own",
        needs: .server
    ) { setup in
        try await setup.withSchema { schema in
            let bench = PgBench(schema: schema)
            try await bench.prepare()
            var plain: [Figure] = []
            for clients in PgBench.clientCounts {
                plain.append(try await bench.run(clients: clients, seconds: setup.seconds, setup))
            }
            let (single, best) = (plain[0], plain.max { $0.value < $1.value } ?? plain[0])
            let store = try await schema.store()
            let senders = try await PostgresSenders(store)
            var sent: [Figure] = []
            for count in [1, 16, 64, 256, 1_024] {
                let figure = try await senders.send(from: count, seconds: setup.seconds)
                sent.append(figure.against(count == 1 ? single : best))
            }
            await store.close()
            return plain + sent
        }
    }

    static let postgresSlowDisk = Workload(
        name: "postgres-slow-disk",
        summary: "256 senders beside one, on a server whose disk was made slow",
        needs: .slowServer
    ) { setup in
        try await setup.withSchema { schema in
            let bench = PgBench(schema: schema)
            try await bench.prepare()
            let plain = try await bench.run(clients: 1, seconds: setup.seconds, setup)
            let store = try await schema.store()
            let senders = try await PostgresSenders(store)
            let one = try await senders.send(from: 1, seconds: setup.seconds)
            let many = try await senders.send(from: 256, seconds: setup.seconds)
            await store.close()
            return [plain, one.against(plain), many.against(one)]
        }
    }
}
