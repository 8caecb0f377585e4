import Skein
import SkeinTesting
import Testing

/// Doctored logs: versions, positions and ids.
struct LogTests {
    private func tale() throws -> Tale {
        var tale = Tale()
        try tale.carryOut(.put(coins: [1]))
        try tale.carryOut(.put(coins: [2]), of: "k")
        try tale.carryOut(.put(coins: [3]))
        tale.history.entries = []
        return tale
    }

    private func kinds(_ tale: Tale, _ configure: (inout HistoryChecker) -> Void = { _ in }) -> [Violation.Kind] {
        var checker = HistoryChecker()
        checker.allowsForeignCommands = true
        configure(&checker)
        return checker.check(tale.history, against: tale.log).map(\.kind)
    }

    private func moved(
        _ event: StoredEvent,
        position: Int64? = nil,
        version: Int64? = nil,
        id: EventID? = nil,
        payload: [UInt8]? = nil
    ) -> StoredEvent {
        StoredEvent(
            position: position ?? event.position,
            stream: event.stream,
            version: version ?? event.version,
            id: id ?? event.id,
            name: event.name,
            schemaVersion: event.schemaVersion,
            payload: payload ?? event.payload,
            metadata: event.metadata,
            commandID: event.commandID,
            commandFingerprint: event.commandFingerprint,
            recordedAt: event.recordedAt
        )
    }

    @Test func `an intact log is accepted`() throws {
        #expect(try kinds(tale()) == [])
    }

    @Test func `a gap in a stream's versions is found`() throws {
        var tale = try tale()
        tale.log[2] = moved(tale.log[2], version: 3)
        #expect(kinds(tale) == [.versionGap])
    }

    @Test func `a version that is there twice is found`() throws {
        var tale = try tale()
        tale.log[2] = moved(tale.log[2], version: 1)
        #expect(kinds(tale) == [.versionGap])
    }

    @Test func `a gap in the positions is found, unless streams were deleted for good`() throws {
        var tale = try tale()
        tale.log[2] = moved(tale.log[2], position: 7)
        #expect(kinds(tale) == [.positionGap])
        #expect(kinds(tale) { $0.allowsPositionGaps = true } == [])
    }

    @Test func `positions that do not rise are found`() throws {
        var tale = try tale()
        tale.log[1] = moved(tale.log[1], position: 1)
        #expect(kinds(tale).contains(.positionOrder))
        tale.log.swapAt(1, 2)
        #expect(kinds(tale).contains(.positionOrder))
    }

    @Test func `an event id that is there twice is found`() throws {
        var tale = try tale()
        tale.log[2] = moved(tale.log[2], id: tale.log[0].id)
        #expect(kinds(tale) == [.duplicateEventID])
    }

    @Test func `an event that cannot be decoded is found`() throws {
        var tale = try tale()
        tale.log[2] = moved(tale.log[2], payload: Array(#"{"coin":"#.utf8))
        #expect(kinds(tale) { $0.checks = [LinearizabilityCheck(Jar.self)] } == [.undecodable])
    }

    @Test func `a rule over all states is judged on the raw log`() throws {
        var tale = try tale()
        let rule = Invariant("the jars hold 6", over: Jar.self) { jars in jars.values.reduce(0) { $0 + $1.sum } == 6 }
        #expect(kinds(tale) { $0.checks = [rule] } == [])
        tale.log[2] = moved(tale.log[2], payload: Array(#"{"coin":4}"#.utf8))
        #expect(kinds(tale) { $0.checks = [rule] } == [.invariant])
    }

    @Test func `a history that contradicts itself is not judged further`() throws {
        var tale = try tale()
        tale.answer(5, .failed(History.Failure("cancelled")))
        #expect(kinds(tale) == [.malformedHistory])

        var wrongOrder = Tale()
        try wrongOrder.carryOut(.look)
        wrongOrder.history.entries.swapAt(0, 1)
        #expect(kinds(wrongOrder).contains(.malformedHistory))

        var wrongAnswer = Tale()
        let operation = wrongAnswer.ask(.look)
        wrongAnswer.answer(operation, .outcome(.absent))
        #expect(kinds(wrongAnswer) == [.malformedHistory])

        var twice = Tale()
        let again = try twice.carryOut(.look)
        twice.acknowledge(again)
        #expect(kinds(twice) == [.malformedHistory])
    }
}
