import Skein
import SkeinTesting
import Testing

/// Doctored answers: the log is fine, and what clients saw of it is not.
struct LinearizabilityTests {
    @Test func `answers that some order explains are accepted`() throws {
        var tale = Tale()
        try tale.carryOut(.put(coins: [1]))
        let read = tale.begin(.read(Tale.stream("j")))
        let late = tale.begin(.read(Tale.stream("j")))
        let rejected = tale.ask(.take(coin: 2))
        try tale.carryOut(.put(coins: [5]))
        tale.answer(rejected, .rejected(History.Value(Jar.Rejection.empty(sum: 1))))
        tale.answer(late, .state(History.Value(Jar(sum: 1))))
        tale.answer(read, .state(History.Value(Jar(sum: 6))))
        #expect(tale.violations() == [])
    }

    @Test func `a stale read is found`() throws {
        var tale = Tale()
        try tale.carryOut(.put(coins: [1]))
        try tale.carryOut(.put(coins: [2]))
        tale.read(sum: 1)
        #expect(tale.kinds() == [.staleAnswer])
    }

    @Test func `a read that is older than another one is found`() throws {
        var tale = Tale()
        let unknown = tale.ask(.put(coins: [1]))
        try tale.store(unknown)
        tale.read(sum: 1)
        tale.read(sum: 0)
        #expect(tale.kinds() == [.staleAnswer])
    }

    @Test func `a read of what was not asked for yet is found`() throws {
        var tale = Tale()
        try tale.carryOut(.put(coins: [1]))
        tale.read(sum: 3)
        try tale.carryOut(.put(coins: [2]))
        #expect(tale.kinds() == [.unexplainedAnswer])
    }

    @Test func `a read of a state that never was is found`() throws {
        var tale = Tale()
        try tale.carryOut(.put(coins: [1]))
        tale.read(sum: 7)
        #expect(tale.kinds() == [.unexplainedAnswer])
    }

    @Test func `a rejection that no state explains is found`() throws {
        var tale = Tale()
        try tale.carryOut(.put(coins: [1]))
        let wrongReason = tale.ask(.take(coin: 2))
        tale.answer(wrongReason, .rejected(History.Value(Jar.Rejection.empty(sum: 5))))
        let allowed = tale.ask(.take(coin: 1))
        tale.answer(allowed, .rejected(History.Value(Jar.Rejection.empty(sum: 5))))
        #expect(tale.kinds() == [.unexplainedAnswer, .unexplainedAnswer])
    }

    @Test func `a rejection by an old state is found`() throws {
        var tale = Tale()
        try tale.carryOut(.put(coins: [1]))
        try tale.carryOut(.put(coins: [2]))
        let rejected = tale.ask(.take(coin: 3))
        tale.answer(rejected, .rejected(History.Value(Jar.Rejection.empty(sum: 1))))
        #expect(tale.kinds() == [.staleAnswer])
    }

    @Test func `nothing happened where something would have, or long ago, is found`() throws {
        var stale = Tale()
        try stale.carryOut(.put(coins: [1]))
        try stale.carryOut(.put(coins: [2]))
        let look = stale.ask(.look)
        stale.acknowledge(look) { $0.version = 1 }
        #expect(stale.kinds() == [.staleAnswer])

        var lazy = Tale()
        let put = lazy.ask(.put(coins: [1]))
        lazy.acknowledge(put)
        #expect(lazy.kinds() == [.wrongDecision])
    }

    @Test func `writes against real time are found`() throws {
        var tale = Tale()
        let first = tale.ask(.put(coins: [1]))
        tale.acknowledge(first) { receipt in
            receipt.version = 2
            receipt.position = 2
            receipt.events = [EventID(command: Tale.id(1), ordinal: 0)]
        }
        let second = tale.ask(.put(coins: [2]))
        try tale.store(second)
        try tale.store(first)
        tale.acknowledge(second)
        #expect(tale.kinds() == [.realTimeOrder])
    }

    @Test func `events that decide would not make are found`() throws {
        var other = Tale()
        let put = other.ask(.put(coins: [1]))
        try other.store(put, [.added(coin: 2)])
        other.acknowledge(put)
        #expect(other.kinds() == [.wrongDecision])

        // A lost update: both were decided on the same state.
        var lost = Tale()
        try lost.carryOut(.put(coins: [3]))
        let (first, second) = (lost.ask(.take(coin: 3)), lost.ask(.take(coin: 3)))
        try lost.store(first)
        try lost.store(second, [.taken(coin: 3)])
        lost.acknowledge(first)
        lost.acknowledge(second)
        #expect(lost.kinds() == [.wrongDecision])
    }

    @Test func `an expected version that was not kept is found`() throws {
        let wrong: [ExpectedVersion] = [.noStream, .exactly(0), .exactly(2)]
        for expected in wrong {
            var tale = Tale()
            try tale.carryOut(.put(coins: [1]))
            let operation = tale.ask(.put(coins: [1]), expecting: expected)
            try tale.store(operation)
            tale.acknowledge(operation)
            #expect(tale.kinds() == [.expectedVersionIgnored])
        }
    }

    @Test func `a conflict must tell a version that is not wanted and was there`() throws {
        func kinds(expected: ExpectedVersion, actual: Int64) throws -> [Violation.Kind] {
            var tale = Tale()
            try tale.carryOut(.put(coins: [1, 1]))
            let operation = tale.ask(.put(coins: [1]), expecting: expected)
            tale.answer(operation, .failed(History.Failure("conflict", actualVersion: actual)))
            return tale.kinds()
        }
        #expect(try kinds(expected: .exactly(1), actual: 2) == [])
        #expect(try kinds(expected: .exactly(2), actual: 2) == [.expectedVersionIgnored])
        #expect(try kinds(expected: .exactly(1), actual: 0) == [.staleAnswer])
        #expect(try kinds(expected: .exactly(1), actual: 3) == [.unexplainedAnswer])
    }

    @Test func `a history from a file is judged like one from memory`() throws {
        var tale = Tale()
        try tale.carryOut(.put(coins: [1]))
        try tale.carryOut(.put(coins: [2]))
        let rejected = tale.ask(.take(coin: 9))
        tale.answer(rejected, .rejected(History.Value(Jar.Rejection.empty(sum: 3))))
        tale.read(sum: 3)
        tale.history = try History(jsonLines: tale.history.jsonLines)
        #expect(tale.violations() == [])
        tale.read(sum: 1)
        let wrong = tale.ask(.take(coin: 9))
        tale.answer(wrong, .rejected(History.Value(Jar.Rejection.empty(sum: 1))))
        tale.history = try History(jsonLines: tale.history.jsonLines)
        #expect(tale.kinds() == [.staleAnswer, .staleAnswer])
    }
}
