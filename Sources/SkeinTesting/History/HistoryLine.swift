import Skein

/// An entry of a history in the flat form of its JSON.
struct HistoryLine: Codable {
    struct Problem: Error {
        let reason: String

        init(_ reason: String) {
            self.reason = reason
        }
    }

    enum Kind: String, Codable {
        case invoke, ok, fail, info, deliver, handle, claim, checkpoint, note
    }

    enum Function: String, Codable {
        case command, read, outcome
    }

    enum OutcomeName: String, Codable {
        case absent, events, rejection, nothing
    }

    var index: Int
    var time: Int64
    var node: String
    var type: Kind
    var op: Int?
    var f: Function?
    var command: CommandID?
    var aggregate: String?
    var id: String?
    var expected: String?
    var value: String?
    var version: Int64?
    var position: Int64?
    var events: [EventID]?
    var repeated: Bool?
    var outcome: OutcomeName?
    var error: String?
    var subscription: String?
    var event: EventID?
    var epoch: Int64?
    var text: String?

    /// A field that this kind of line must have.
    func needed<Field>(_ field: Field?, _ name: String) throws -> Field {
        guard let field else { throw Problem("\(name) is missing") }
        return field
    }
}

extension Duration {
    /// Whole nanoseconds; beyond the range of 64 bits, the nearest value.
    var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
        return overflow || carry ? (seconds < 0 ? .min : .max) : sum
    }
}

extension ExpectedVersion {
    var fieldText: String {
        switch self {
        case .any: "any"
        case .noStream: "none"
        case .streamExists: "exists"
        case .exactly(let version): "\(version)"
        }
    }

    init?(fieldText: String) {
        switch fieldText {
        case "any": self = .any
        case "none": self = .noStream
        case "exists": self = .streamExists
        default:
            guard let version = Int64(fieldText) else { return nil }
            self = .exactly(version)
        }
    }
}
