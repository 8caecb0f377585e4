import Histogram

/// How long single operations took, in nanoseconds.
typealias Latencies = Histogram<UInt64>

/// Many tasks that repeat an operation until the time is up.
struct Load: Sendable {
    let tasks: Int
    let seconds: Double

    /// Runs the operation over and over; it is given its task's number and its own number in the task.
    ///
    /// Every sixteenth operation is timed, so that looking at the clock does not slow the fast ones down.
    @concurrent
    func run(
        _ label: String,
        unit: String = "commands/s",
        operation: @escaping @Sendable (_ task: Int, _ number: Int) async throws -> Void
    ) async throws -> Figure {
        let clock = ContinuousClock()
        let start = clock.now
        let end = start + .seconds(seconds)
        var count = 0
        var samples: [Int64] = []
        try await withThrowingTaskGroup(of: (Int, [Int64]).self) { group in
            for task in 0..<tasks {
                group.addTask {
                    var samples: [Int64] = []
                    var number = 0
                    while true {
                        let before = clock.now
                        guard before < end else { break }
                        try await operation(task, number)
                        samples.append((clock.now - before).nanoseconds)
                        for further in 1..<16 { try await operation(task, number + further) }
                        number += 16
                    }
                    return (number, samples)
                }
            }
            for try await (number, taskSamples) in group {
                count += number
                samples += taskSamples
            }
        }
        let elapsed = Double((clock.now - start).nanoseconds) / 1e9
        // Only now: the histogram's own work must not be measured.
        var latencies = Latencies(numberOfSignificantValueDigits: .three)
        for sample in samples { _ = latencies.record(UInt64(max(1, sample))) }
        return Figure(label: label, value: Double(count) / elapsed, unit: unit, latencies: latencies)
    }
}

extension Duration {
    /// The duration in whole nanoseconds.
    var nanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }
}
