import Skein

extension HistoryLine {
    init(_ entry: History.Entry) {
        index = entry.sequence
        time = entry.time.wholeNanoseconds
        node = entry.node
        type = .note
        switch entry.observation {
        case .invoked(let operation, let call):
            type = .invoke
            op = operation
            write(call)
        case .completed(let operation, let answer):
            op = operation
            write(answer)
        case .delivered(let delivery):
            type = .deliver
            write(delivery)
        case .handled(let delivery):
            type = .handle
            write(delivery)
        case .claimed(let checkpoint):
            type = .claim
            write(checkpoint)
        case .moved(let checkpoint):
            type = .checkpoint
            write(checkpoint)
        case .noted(let note):
            text = note
        }
    }

    private mutating func write(_ call: History.Call) {
        switch call {
        case .command(let call):
            f = .command
            command = call.id
            write(call.stream)
            expected = call.expected.fieldText
            value = call.command.text
        case .read(let stream):
            f = .read
            write(stream)
        case .outcome(let id):
            f = .outcome
            command = id
        }
    }

    private mutating func write(_ answer: History.Answer) {
        type = .ok
        switch answer {
        case .acknowledged(let acknowledgement):
            f = .command
            command = acknowledgement.commandID
            version = acknowledgement.version
            position = acknowledgement.position
            events = acknowledgement.events
            value = acknowledgement.values?.text
            repeated = acknowledgement.isRepeated
        case .rejected(let rejection):
            type = .fail
            error = Self.rejected
            value = rejection.text
        case .failed(let failure):
            type = .fail
            error = failure.error
            version = failure.actualVersion
        case .unknown(let id, let text):
            type = .info
            command = id
            error = text
        case .state(let state):
            f = .read
            value = state.text
        case .outcome(let told):
            f = .outcome
            write(told)
        }
    }

    private mutating func write(_ told: History.Outcome) {
        switch told {
        case .absent: outcome = .absent
        case .rejection: outcome = .rejection
        case .nothing: outcome = .nothing
        case .events(let ids, let version, let position):
            outcome = .events
            events = ids
            self.version = version
            self.position = position
        }
    }

    private mutating func write(_ delivery: History.Delivery) {
        subscription = delivery.subscription
        position = delivery.position
        write(delivery.stream)
        version = delivery.version
        event = delivery.event
    }

    private mutating func write(_ checkpoint: Checkpoint) {
        subscription = checkpoint.subscription
        position = checkpoint.position
        epoch = checkpoint.epoch
    }

    private mutating func write(_ stream: StreamID) {
        aggregate = stream.aggregate
        id = stream.id
    }

    /// The error of a command that the domain turned down.
    static let rejected = "rejected"
}
