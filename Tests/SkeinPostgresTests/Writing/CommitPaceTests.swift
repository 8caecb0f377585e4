import Skein
import Testing

@testable import SkeinPostgres

/// How it is found out whether two groups take turns, on a clock of the test's own.
struct CommitPaceTests {
    /// Callers that always come back: how many there are, what a commit takes by itself, what an append takes at the server
    /// and what it takes here, in nanoseconds.
    struct Load {
        let callers: Int
        let commit: UInt64
        let server: UInt64
        let here: UInt64

        /// How long a group takes, and how large it is.
        func group(takesTurns: Bool) -> (nanoseconds: UInt64, appends: Int) {
            guard takesTurns else {
                return (commit + UInt64(callers) * (server + here), callers)
            }
            let half = UInt64(callers / 2)
            return (max(commit + half * server, half * here), Int(half))
        }
    }

    /// The share of the time in which groups took turns.
    private func share(of load: Load, groups: Int = 20_000) -> Double {
        var pace = CommitPace()
        var now: UInt64 = 0
        return share(of: load, groups: groups, &pace, &now)
    }

    private func share(
        of load: Load,
        groups: Int,
        stalls: Bool = false,
        _ pace: inout CommitPace,
        _ now: inout UInt64
    ) -> Double {
        let start = now
        var inTurn: UInt64 = 0
        var random = SeededRandom(seed: 1)
        for _ in 0..<groups {
            var (nanoseconds, appends) = load.group(takesTurns: pace.takesTurns)
            if stalls, Int.random(in: 0..<40, using: &random) == 0 { nanoseconds *= 12 }
            now += nanoseconds
            if pace.takesTurns { inTurn += nanoseconds }
            pace.note(appends, at: now)
        }
        return Double(inTurn) / Double(now - start)
    }

    @Test(arguments: [16, 64, 256, 1_024])
    func `groups take turns where writing them takes as long as storing them`(callers: Int) {
        #expect(share(of: Load(callers: callers, commit: 50_000, server: 12_000, here: 12_000)) > 0.85)
    }

    @Test func `a disk that stalls now and then does not decide`() {
        var pace = CommitPace()
        var now: UInt64 = 0
        let load = Load(callers: 1_024, commit: 50_000, server: 12_000, here: 6_000)
        #expect(share(of: load, groups: 20_000, stalls: true, &pace, &now) > 0.8)
    }

    @Test(arguments: [64, 256, 1_024])
    func `all share a group where the disk is slow`(callers: Int) {
        #expect(share(of: Load(callers: callers, commit: 40_000_000, server: 12_000, here: 12_000)) < 0.1)
    }

    @Test(arguments: [1, 2, 3])
    func `few callers share a group without trials`(callers: Int) {
        #expect(share(of: Load(callers: callers, commit: 50_000, server: 12_000, here: 500_000)) == 0)
    }

    @Test func `the way changes back when the disk becomes slow`() {
        var pace = CommitPace()
        var now: UInt64 = 0
        let quick = Load(callers: 256, commit: 50_000, server: 12_000, here: 12_000)
        #expect(share(of: quick, groups: 4_000, &pace, &now) > 0.8)
        let slow = Load(callers: 256, commit: 40_000_000, server: 12_000, here: 12_000)
        #expect(share(of: slow, groups: 4_000, &pace, &now) < 0.2)
    }

    @Test(arguments: [false, true]) func `a way that was chosen is kept`(takesTurns: Bool) {
        var pace = CommitPace(takesTurns: takesTurns)
        for number in 1...1_000 { pace.note(64, at: UInt64(number) * 10_000_000) }
        #expect(pace.takesTurns == takesTurns)
    }
}
