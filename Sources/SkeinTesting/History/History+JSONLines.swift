#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension History {
    /// The history as text, one JSON object a line, for other checkers. The names of the fields are stable.
    ///
    /// Every line has `index` (rising), `time` (nanoseconds of uptime), `node`, and `type`, which decides about the rest:
    ///
    /// - `invoke`: `op`, its number; `f`, which is `command`, `read` or `outcome`; `aggregate` and `id` of what it is for;
    ///   `command`, the command's id; of a command `expected` (`any`, `none`, `exists` or a version) and `value`, its JSON
    ///   as text.
    /// - `ok`: `op`, `f`; of a command `command`, `version`, `position`, `events` (ids), `repeated`, `value` (the events);
    ///   of a read `value` (the state); of an outcome `outcome` (`absent`, `events`, `rejection`, `nothing`), and of events
    ///   `version`, `position`, `events`.
    /// - `fail`: `op`, `error`: nothing is stored. Of `rejected` also `value` (the rejection); of an expectation that was
    ///   not met `version`, the actual one.
    /// - `info`: `op`, `error`, and `command`, if known: something may be stored.
    /// - `deliver`, `handle`: `subscription`, `position`, `aggregate`, `id`, `version`, `event` (its id).
    /// - `claim`, `checkpoint`: `subscription`, `position`, `epoch`.
    /// - `note`: `text`.
    ///
    /// An operation without `ok`, `fail` or `info` never ended: its node crashed.
    public var jsonLines: String {
        let encoder = Entry.encoder()
        var text = ""
        for entry in entries { text += entry.jsonLine(encoder) }
        return text
    }

    /// Reads ``jsonLines``; empty lines are passed over.
    public init(jsonLines: some StringProtocol) throws(HistoryFormatError) {
        self.init()
        let decoder = JSONDecoder()
        var number = 0
        for line in jsonLines.split(separator: "\n", omittingEmptySubsequences: false) {
            number += 1
            guard !line.allSatisfy(\.isWhitespace) else { continue }
            do {
                let parsed = try decoder.decode(HistoryLine.self, from: Data(line.utf8))
                let entry = try parsed.entry
                if let last = entries.last, last.sequence >= entry.sequence {
                    throw HistoryLine.Problem("index \(entry.sequence) does not come after \(last.sequence)")
                }
                entries.append(entry)
            } catch let problem as HistoryLine.Problem {
                throw HistoryFormatError(line: number, reason: problem.reason)
            } catch let error as DecodingError {
                throw HistoryFormatError(line: number, reason: error.shortReason)
            } catch {
                throw HistoryFormatError(line: number, reason: "it is no JSON object")
            }
        }
    }
}

extension History.Entry {
    /// The entry's line of ``History/jsonLines``, with its line feed.
    public var jsonLine: String { jsonLine(Self.encoder()) }

    fileprivate static func encoder() -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }

    fileprivate func jsonLine(_ encoder: JSONEncoder) -> String {
        // A line holds texts, numbers and flags only: all of them can be encoded.
        guard let data = try? encoder.encode(HistoryLine(self)) else { return "" }
        return String(decoding: data, as: UTF8.self) + "\n"
    }
}

extension DecodingError {
    fileprivate var shortReason: String {
        switch self {
        case .keyNotFound(let key, _): "\(key.stringValue) is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            if let key = context.codingPath.last {
                "\(key.stringValue) has the wrong form"
            } else {
                "it is no JSON object"
            }
        @unknown default: "it is no JSON object"
        }
    }
}
