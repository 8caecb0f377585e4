import Foundation
import Skein
import Testing

@Suite(.timeLimit(.minutes(1))) struct EnvironmentTests {
    @Test func `made ids rise, also when the clock stands still, jumps back or the counter is used up`() {
        let source = TimeOrderedIdentifiers(seed: 7)
        var times = [Int64](repeating: 1_700_000_000_000_000, count: 10_000)
        times += [1_699_000_000_000_000, 0, -5, 1_700_000_000_001_000, 1_800_000_000_000_000]
        let ids = times.map { source.next(at: Timestamp(microseconds: $0)) }
        #expect(zip(ids, ids.dropFirst()).allSatisfy { ($0.high, 0) < ($1.high, 0) })
        #expect(ids.allSatisfy { $0.high >> 12 & 0xF == 7 && $0.low >> 62 == 0b10 })
        #expect(ids[0].high >> 16 == 1_700_000_000_000)
        #expect(ids.last.map { $0.high >> 16 } == 1_800_000_000_000)
    }

    @Test func `made ids are unique over tasks and over sources`() async {
        let sources = [TimeOrderedIdentifiers(), TimeOrderedIdentifiers()]
        let now = Timestamp(microseconds: 1_700_000_000_000_000)
        let ids = await withTaskGroup(of: [CommandID].self) { group in
            for task in 0..<8 {
                group.addTask {
                    (0..<5_000).map { _ in
                        let (high, low) = sources[task % 2].next(at: now)
                        return CommandID(high: high, low: low)
                    }
                }
            }
            return await group.reduce(into: Set()) { $0.formUnion($1) }
        }
        #expect(ids.count == 40_000)
    }

    @Test func `equal seeds give equal numbers, as published for SplitMix64`() {
        var random = SeededRandom(seed: 1_234_567)
        // The first values of the reference implementation for this seed.
        let expected: [UInt64] = [
            6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
            4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
        ]
        #expect((0..<5).map { _ in random.next() } == expected)
    }

    @Test func `a back-off grows to its longest wait and no further`() {
        let backoff = Backoff(first: .milliseconds(10), factor: 3, longest: .milliseconds(200))
        #expect(
            [0, 1, 2, 3, 4, 5, 1_000_000].map { backoff.wait(afterFailures: $0) }
                == [10, 10, 30, 90, 200, 200, 200].map { .milliseconds($0) }
        )
        #expect(Backoff(first: .seconds(5), longest: .seconds(1)).wait(afterFailures: 1) == .seconds(1))
        let endless = Backoff(first: .seconds(1), factor: 1, longest: .seconds(9))
        #expect(endless.wait(afterFailures: .max) == .seconds(1))
    }

    @Test func `jitter cuts a wait by up to one half`() {
        let backoff = Backoff(first: .seconds(8), longest: .seconds(8))
        #expect(backoff.wait(afterFailures: 1, random: 0) == .seconds(4))
        #expect(backoff.wait(afterFailures: 1, random: 1 << 63) == .seconds(6))
        let longest = backoff.wait(afterFailures: 1, random: .max)
        #expect(longest <= .seconds(8) && longest > .milliseconds(7_999))
    }

    @Test func `a time is kept in microseconds and comes back as a date`() {
        let date = Date(timeIntervalSince1970: 1_700_000_000.25)
        #expect(Timestamp(date).microseconds == 1_700_000_000_250_000)
        #expect(Timestamp(date).date == date)
        #expect(Timestamp(Date(timeIntervalSince1970: -0.5)).microseconds == -500_000)
        #expect(Timestamp(Date(timeIntervalSince1970: 1e30)).microseconds == .max)
        #expect(Timestamp(Date(timeIntervalSince1970: -1e30)).microseconds == .min)
        #expect(Timestamp(microseconds: 1) < Timestamp(microseconds: 2))
    }

    @Test func `the system's clock runs and its sleep is cancelled at once`() async {
        let time = SystemTime()
        let before = time.uptime()
        #expect(abs(Double(time.now().microseconds) / 1e6 - Date().timeIntervalSince1970) < 60)
        let sleep = Task { try await time.sleep(for: .seconds(3_600)) }
        sleep.cancel()
        await #expect(throws: CancellationError.self) { try await sleep.value }
        #expect(time.uptime() >= before)
    }
}
