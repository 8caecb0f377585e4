import Skein

extension HistoryLine {
    var entry: History.Entry {
        get throws {
            History.Entry(sequence: index, time: .nanoseconds(time), node: node, try observation)
        }
    }

    private var observation: History.Observation {
        get throws {
            switch type {
            case .invoke: .invoked(operation: try needed(op, "op"), try call)
            case .ok, .fail, .info: .completed(operation: try needed(op, "op"), try answer)
            case .deliver: .delivered(try delivery)
            case .handle: .handled(try delivery)
            case .claim: .claimed(try checkpoint)
            case .checkpoint: .moved(try checkpoint)
            case .note: .noted(try needed(text, "text"))
            }
        }
    }

    private var call: History.Call {
        get throws {
            switch try needed(f, "f") {
            case .command:
                let field = try needed(expected, "expected")
                guard let expected = ExpectedVersion(fieldText: field) else {
                    throw Problem("expected has the wrong form")
                }
                let command = History.Value(text: try needed(value, "value"))
                return .command(
                    History.CommandCall(id: self.command, stream: try stream, expected: expected, command: command)
                )
            case .read:
                return .read(try stream)
            case .outcome:
                return .outcome(try needed(command, "command"))
            }
        }
    }

    private var answer: History.Answer {
        get throws {
            switch type {
            case .fail:
                let error = try needed(error, "error")
                guard error == Self.rejected else {
                    return .failed(History.Failure(error, actualVersion: version))
                }
                return .rejected(History.Value(text: try needed(value, "value")))
            case .info:
                return .unknown(command, try needed(error, "error"))
            default:
                break
            }
            switch try needed(f, "f") {
            case .command: return .acknowledged(try acknowledgement)
            case .read: return .state(History.Value(text: try needed(value, "value")))
            case .outcome: return .outcome(try told)
            }
        }
    }

    private var acknowledgement: History.Acknowledgement {
        get throws {
            History.Acknowledgement(
                commandID: try needed(command, "command"),
                version: try needed(version, "version"),
                position: try needed(position, "position"),
                events: events,
                values: value.map { History.Value(text: $0) },
                isRepeated: try needed(repeated, "repeated")
            )
        }
    }

    private var told: History.Outcome {
        get throws {
            switch try needed(outcome, "outcome") {
            case .absent: .absent
            case .rejection: .rejection
            case .nothing: .nothing
            case .events:
                .events(
                    try needed(events, "events"),
                    version: try needed(version, "version"),
                    position: try needed(position, "position")
                )
            }
        }
    }

    private var delivery: History.Delivery {
        get throws {
            History.Delivery(
                subscription: try needed(subscription, "subscription"),
                position: try needed(position, "position"),
                stream: try stream,
                version: try needed(version, "version"),
                event: try needed(event, "event")
            )
        }
    }

    private var checkpoint: Checkpoint {
        get throws {
            Checkpoint(
                subscription: try needed(subscription, "subscription"),
                position: try needed(position, "position"),
                epoch: try needed(epoch, "epoch")
            )
        }
    }

    private var stream: StreamID {
        get throws {
            StreamID(aggregate: try needed(aggregate, "aggregate"), id: try needed(id, "id"))
        }
    }
}
