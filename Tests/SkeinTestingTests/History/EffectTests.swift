import Skein
import SkeinTesting
import Testing

/// Doctored histories: what clients were told does not fit the log.
struct EffectTests {
    @Test func `a truthful history is accepted`() throws {
        var tale = Tale()
        try tale.carryOut(.put(coins: [1, 2]))
        try tale.carryOut(.take(coin: 3))
        try tale.carryOut(.look)
        let repetition = tale.ask(.put(coins: [1, 2]), id: Tale.id(1))
        tale.acknowledge(repetition, isRepeated: true)
        let rejected = tale.ask(.take(coin: 9))
        tale.answer(rejected, .rejected(History.Value(Jar.Rejection.empty(sum: 0))))
        tale.read(sum: 0)
        #expect(tale.violations() == [])
    }

    @Test func `an acknowledged command without events in the log is lost`() throws {
        var tale = Tale()
        try tale.carryOut(.put(coins: [1]))
        try tale.carryOut(.put(coins: [2]))
        tale.log.removeLast()
        #expect(tale.kinds() == [.acknowledgedLost])
        #expect(tale.violations().first?.entries == [3, 4])
    }

    @Test func `an acknowledged command with a part of its events is lost`() throws {
        var tale = Tale()
        try tale.carryOut(.put(coins: [1, 2]))
        tale.log.removeLast()
        #expect(tale.kinds() == [.acknowledgedLost, .partialEffect])
    }

    @Test func `events in another stream are lost`() throws {
        var tale = Tale()
        let operation = tale.ask(.put(coins: [1]))
        try tale.store(operation, in: "k")
        tale.acknowledge(operation)
        #expect(tale.kinds() == [.acknowledgedLost])
    }

    @Test func `a receipt with a wrong version, position, event or id is found`() throws {
        let mistakes: [@Sendable (inout History.Acknowledgement) -> Void] = [
            { $0.version += 1 }, { $0.version = 0 }, { $0.position += 1 },
            { $0.events = [EventID(high: 9, low: 9), EventID(high: 9, low: 8)] }, { $0.events = [] },
            { $0.commandID = Tale.id(77) }, { $0.values = History.Value([Jar.Event.added(coin: 7)]) },
        ]
        for mistake in mistakes {
            var tale = Tale()
            let operation = tale.ask(.put(coins: [1, 2]))
            try tale.store(operation)
            tale.acknowledge(operation, isRepeated: false, mistake)
            #expect(tale.kinds().contains(.wrongReceipt))
        }
    }

    @Test func `a version that was never reached is found although nothing was stored`() throws {
        var tale = Tale()
        let operation = tale.ask(.look)
        tale.acknowledge(operation) { $0.version = 4 }
        #expect(tale.kinds().contains(.wrongReceipt))
    }

    @Test func `events that come twice are found`() throws {
        var tale = Tale()
        let operation = tale.ask(.put(coins: [1]))
        try tale.store(operation)
        tale.acknowledge(operation)
        try tale.carryOut(.put(coins: [5]))
        try tale.store(operation)
        #expect(tale.kinds() == [.appliedTwice])
    }

    @Test func `events that come twice in a row are found`() throws {
        var tale = Tale()
        let operation = tale.ask(.put(coins: [1]))
        try tale.store(operation)
        tale.acknowledge(operation)
        try tale.store(operation)
        #expect(tale.kinds().contains(.appliedTwice))
    }

    @Test func `events torn apart by another command are found`() throws {
        var tale = Tale()
        let torn = tale.ask(.put(coins: [1, 2]))
        try tale.store(torn, [.added(coin: 1)])
        try tale.carryOut(.put(coins: [3]), of: "k")
        try tale.store(torn, [.added(coin: 2)])
        #expect(tale.kinds().contains(.appliedTwice))
    }

    @Test func `the effect of a rejected command is found`() throws {
        var tale = Tale()
        let operation = tale.ask(.take(coin: 1))
        tale.answer(operation, .rejected(History.Value(Jar.Rejection.empty(sum: 0))))
        try tale.store(operation, [.taken(coin: 1)])
        #expect(tale.kinds() == [.storedDespiteFailure])
    }

    @Test func `a repetition that is rejected although the first attempt is stored is found`() throws {
        var tale = Tale()
        let unknown = tale.ask(.put(coins: [1]))
        tale.answer(unknown, .unknown(nil, "outcomeUnknown"))
        let repetition = tale.ask(.put(coins: [1]), id: Tale.id(1))
        tale.answer(repetition, .rejected(History.Value(Jar.Rejection.empty(sum: 0))))
        try tale.store(unknown)
        #expect(tale.kinds().contains(.storedDespiteFailure))
    }

    @Test func `the effect of a failed command is found`() throws {
        for error in ["cancelled", "overloaded", "deadlineExceeded", "store", "conflict"] {
            var tale = Tale()
            let operation = tale.ask(.put(coins: [1]))
            tale.answer(operation, .failed(History.Failure(error)))
            try tale.store(operation)
            #expect(tale.kinds() == [.storedDespiteFailure])
        }
    }

    @Test func `a failed command may be sent again and then have an effect`() throws {
        var tale = Tale()
        let first = tale.ask(.put(coins: [1]))
        tale.answer(first, .failed(History.Failure("overloaded")))
        let second = tale.ask(.put(coins: [1]), id: Tale.id(1))
        try tale.store(second)
        tale.acknowledge(second)
        #expect(tale.violations() == [])
    }

    @Test func `an unknown command and one without an answer may have an effect or none`() throws {
        var tale = Tale()
        let stored = tale.ask(.put(coins: [1, 2]))
        tale.answer(stored, .unknown(nil, "outcomeUnknown"))
        try tale.store(stored)
        let unstored = tale.ask(.put(coins: [4]))
        tale.answer(unstored, .unknown(nil, "outcomeUnknown"))
        let crashed = tale.ask(.put(coins: [8]))
        try tale.store(crashed)
        _ = tale.ask(.put(coins: [16]))
        tale.read(sum: 11)
        #expect(tale.violations() == [])
    }

    @Test func `an unknown command with a part of its events is found`() throws {
        var tale = Tale()
        let operation = tale.ask(.put(coins: [1, 2]))
        tale.answer(operation, .unknown(nil, "outcomeUnknown"))
        try tale.store(operation, [.added(coin: 1)])
        #expect(tale.kinds() == [.partialEffect])
    }

    @Test func `events of a command that nobody sent are found`() throws {
        var tale = Tale()
        let operation = tale.ask(.put(coins: [1]))
        try tale.store(operation)
        tale.history.entries.removeAll()
        #expect(tale.kinds() == [.unexplainedEvents])
        #expect(tale.kinds { $0.allowsForeignCommands = true } == [])
    }

    @Test func `as many commands may have ids that nobody knows as were sent without one`() throws {
        var tale = Tale()
        let call = History.CommandCall(
            id: nil,
            stream: Tale.stream("j"),
            command: History.Value(Jar.Command.put(coins: [1]))
        )
        _ = tale.begin(.command(call))
        let known = tale.ask(.put(coins: [1]), id: Tale.id(50))
        try tale.store(known)
        tale.history.entries.removeLast()
        #expect(tale.violations() == [])
        let other = tale.ask(.put(coins: [1]), id: Tale.id(51))
        try tale.store(other)
        tale.history.entries.removeLast()
        #expect(tale.kinds() == [.unexplainedEvents])
    }

    @Test func `a repetition with another answer is found`() throws {
        var tale = Tale()
        let operation = tale.ask(.look)
        tale.acknowledge(operation)
        try tale.carryOut(.put(coins: [1]))
        let repetition = tale.ask(.look, id: Tale.id(1))
        tale.acknowledge(repetition, isRepeated: true)
        #expect(tale.kinds() == [.changedAnswer])
    }

    @Test func `a repetition that is rejected after an acknowledgement is found`() throws {
        var tale = Tale()
        try tale.carryOut(.look)
        let repetition = tale.ask(.look, id: Tale.id(1))
        tale.answer(repetition, .rejected(History.Value(Jar.Rejection.empty(sum: 0))))
        #expect(tale.kinds() == [.changedAnswer])
    }

    @Test func `two answers that both claim to be the first are found`() throws {
        var tale = Tale()
        try tale.carryOut(.put(coins: [1]))
        let repetition = tale.ask(.put(coins: [1]), id: Tale.id(1))
        tale.acknowledge(repetition)
        #expect(tale.kinds() == [.changedAnswer])
    }

    @Test func `commands to a stream that was deleted for good are not judged`() throws {
        var tale = Tale()
        try tale.carryOut(.put(coins: [1]), of: "gone")
        tale.log = []
        #expect(tale.kinds() == [.acknowledgedLost])
        #expect(tale.kinds { $0.deletedStreams = [Tale.stream("gone")] } == [])
    }

    @Test(arguments: [
        History.Outcome.absent, .rejection, .nothing, .events([], version: 1, position: 1),
        .events([EventID(command: Tale.id(1), ordinal: 0)], version: 2, position: 1),
    ])
    func `a wrong outcome is found`(_ outcome: History.Outcome) throws {
        var tale = Tale()
        try tale.carryOut(.put(coins: [1]))
        let question = tale.begin(.outcome(Tale.id(1)))
        tale.answer(question, .outcome(outcome))
        #expect(tale.kinds() == [.wrongOutcome])
    }

    @Test func `a true outcome is accepted`() throws {
        var tale = Tale()
        try tale.carryOut(.put(coins: [1]))
        let question = tale.begin(.outcome(Tale.id(1)))
        let ids = [EventID(command: Tale.id(1), ordinal: 0)]
        tale.answer(question, .outcome(.events(ids, version: 1, position: 1)))
        let other = tale.begin(.outcome(Tale.id(9)))
        tale.answer(other, .outcome(.absent))
        #expect(tale.violations() == [])
    }

    @Test func `an outcome of something that is not stored is found`() {
        var tale = Tale()
        let question = tale.begin(.outcome(Tale.id(1)))
        tale.answer(question, .outcome(.events([], version: 1, position: 1)))
        #expect(tale.kinds() == [.wrongOutcome])
    }
}
