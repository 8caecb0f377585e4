/// Something that is measured, usually beside the limit that the machine sets.
struct Workload: Sendable {
    let name: String
    let summary: String
    var needs = Needs.nothing
    let run: @concurrent @Sendable (BenchSetup) async throws -> [Figure]

    /// What must be given for a workload to run.
    enum Needs {
        case nothing
        /// A PostgreSQL server.
        case server
        /// A PostgreSQL server that somebody made slow: it runs only if it is asked for by name.
        case slowServer
    }
}

/// All workloads, in the order in which they run.
enum Workloads {
    /// The residents come first: resident memory tells little once other workloads have left free memory behind.
    static let all: [Workload] = [
        .residents, .memory, .memoryOneSender, .coding, .largeState, .sqlite, .sqliteOneSender, .sqliteHot,
        .slowHandler, .postgres, .postgresRaw, .postgresTwo, .postgresRead, .postgresLatency, .postgresSlowDisk,
        .live, .hundredSubscriptions, .catchUp, .postgresCatchUp, .postgresLive,
    ]
}

/// A measured figure, with latencies and a limit to compare it with where there are any.
struct Figure: Sendable {
    let label: String
    let value: Double
    let unit: String
    var latencies: Latencies?
    var comparison: Comparison?

    /// What a figure is held against, measured in the same run.
    struct Comparison: Sendable {
        let label: String
        let value: Double
    }

    /// The figure as a share of what it is held against.
    var ratio: Double? {
        comparison.map { value / $0.value }
    }

    /// The same figure held against another one.
    func against(_ other: Figure) -> Figure {
        var figure = self
        figure.comparison = Comparison(label: other.label, value: other.value)
        return figure
    }
}
