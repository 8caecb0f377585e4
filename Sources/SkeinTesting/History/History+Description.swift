import Skein

extension History: CustomStringConvertible {
    /// One line an entry, for people.
    public var description: String {
        entries.map(\.description).joined(separator: "\n")
    }
}

extension History.Entry: CustomStringConvertible {
    public var description: String {
        "#\(sequence) \(time) \(node): \(observation)"
    }
}

extension History.Observation: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invoked(let operation, let call): "(\(operation)) \(call)"
        case .completed(let operation, let answer): "(\(operation)) → \(answer)"
        case .delivered(let delivery): "\(delivery)"
        case .handled(let delivery): "\(delivery), handled"
        case .claimed(let checkpoint):
            "claims \(checkpoint.subscription) after \(checkpoint.position), epoch \(checkpoint.epoch)"
        case .moved(let checkpoint):
            "checkpoint of \(checkpoint.subscription) at \(checkpoint.position), epoch \(checkpoint.epoch)"
        case .noted(let text): "– \(text)"
        }
    }
}

extension History.Call: CustomStringConvertible {
    public var description: String {
        switch self {
        case .command(let call):
            "send \(call.command) to \(call.stream)"
                + (call.expected == .any ? "" : " at \(call.expected)") + (call.id.map { ", command \($0)" } ?? "")
        case .read(let stream): "read \(stream)"
        case .outcome(let id): "outcome of command \(id)"
        }
    }
}

extension History.Answer: CustomStringConvertible {
    public var description: String {
        switch self {
        case .acknowledged(let receipt):
            "acknowledged\(receipt.isRepeated ? " again" : ""): version \(receipt.version), position "
                + "\(receipt.position), \(receipt.events.map { "\($0.count)" } ?? "unknown") events"
        case .rejected(let rejection): "rejected: \(rejection)"
        case .failed(let failure):
            "failed: \(failure.error)" + (failure.actualVersion.map { " at version \($0)" } ?? "")
        case .unknown(_, let error): "unknown: \(error)"
        case .state(let state): "state \(state)"
        case .outcome(let outcome): "outcome \(outcome)"
        }
    }
}

extension History.Delivery: CustomStringConvertible {
    public var description: String {
        "\(subscription) gets position \(position), version \(version) of \(stream)"
    }
}
