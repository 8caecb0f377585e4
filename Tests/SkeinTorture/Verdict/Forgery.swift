import Skein
import SkeinTesting

/// Ways to falsify what was seen, each of which a checker has to notice.
enum Forgery: String, CaseIterable {
    case acknowledgedEventLost
    case eventStoredTwice
    case eventsSwapped
    case moneyMade
    case deliverySkipped
    case rejectionStored
    case answerOfAnother

    /// One of these must be among what is found.
    var kinds: [Violation.Kind] {
        switch self {
        case .acknowledgedEventLost: [.acknowledgedLost]
        case .eventStoredTwice: [.appliedTwice]
        case .eventsSwapped: [.wrongReceipt, .wrongDecision, .realTimeOrder]
        case .moneyMade: [.invariant]
        case .deliverySkipped: [.skippedDelivery, .notDrained]
        case .rejectionStored: [.storedDespiteFailure]
        case .answerOfAnother: [.wrongReceipt]
        }
    }

    /// The falsified history and log; nil if there is nothing that could be falsified.
    func apply(to history: History, _ log: [StoredEvent]) -> (History, [StoredEvent])? {
        switch self {
        case .acknowledgedEventLost:
            guard let event = acknowledged(history, log).first else { return nil }
            return (history, renumbered(log.filter { $0.id != event.id }))
        case .eventStoredTwice:
            guard let event = acknowledged(history, log).first else { return nil }
            return (history, renumbered(log + [event]))
        case .eventsSwapped:
            var log = log
            for index in log.indices.dropFirst() where log[index].stream == log[index - 1].stream {
                log.swapAt(index, index - 1)
                return (history, renumbered(log))
            }
            return nil
        case .moneyMade:
            guard let index = log.lastIndex(where: { $0.name.hasPrefix("deposited") }) else { return nil }
            var log = log
            let text = String(decoding: log[index].payload, as: UTF8.self)
            let payload = Array(text.replacing(#/"amount":\d+/#, with: "\"amount\":777").utf8)
            log[index] = log[index].with(payload: payload)
            return (history, log)
        case .deliverySkipped:
            guard let last = log.last else { return nil }
            let kept = history.entries.filter { entry in
                switch entry.observation {
                case .delivered(let delivery), .handled(let delivery): delivery.event != last.id
                default: true
                }
            }
            return (History(kept), log)
        case .rejectionStored:
            return changingAnswer(history, log) { _ in .rejected(History.Value(text: "{\"notOpen\":{}}")) }
        case .answerOfAnother:
            return changingAnswer(history, log) { receipt in
                var receipt = receipt
                receipt.version += 1
                return .acknowledged(receipt)
            }
        }
    }

    private func acknowledged(_ history: History, _ log: [StoredEvent]) -> [StoredEvent] {
        var ids: Set<CommandID> = []
        for case .completed(_, .acknowledged(let receipt)) in history.entries.map(\.observation) {
            ids.insert(receipt.commandID)
        }
        return log.reversed().filter { ids.contains($0.commandID) }
    }

    /// Changes one acknowledgement of a command with an event.
    private func changingAnswer(
        _ history: History,
        _ log: [StoredEvent],
        _ change: (History.Acknowledgement) -> History.Answer
    ) -> (History, [StoredEvent])? {
        var history = history
        for index in history.entries.indices.reversed() {
            guard case .completed(let operation, .acknowledged(let receipt)) = history.entries[index].observation,
                receipt.events?.isEmpty == false
            else { continue }
            history.entries[index].observation = .completed(operation: operation, change(receipt))
            return (history, log)
        }
        return nil
    }

    /// The log with positions and versions that have no gap again, so that the gap is not what gives the forgery away.
    private func renumbered(_ log: [StoredEvent]) -> [StoredEvent] {
        var versions: [StreamID: Int64] = [:]
        return log.enumerated().map { index, event in
            versions[event.stream, default: 0] += 1
            return event.with(position: Int64(index) + 1, version: versions[event.stream])
        }
    }
}

extension StoredEvent {
    fileprivate func with(position: Int64? = nil, version: Int64? = nil, payload: [UInt8]? = nil) -> StoredEvent {
        StoredEvent(
            position: position ?? self.position,
            stream: stream,
            version: version ?? self.version,
            id: id,
            name: name,
            schemaVersion: schemaVersion,
            payload: payload ?? self.payload,
            metadata: metadata,
            commandID: commandID,
            commandFingerprint: commandFingerprint,
            recordedAt: recordedAt
        )
    }
}
