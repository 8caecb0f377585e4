#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The types that JSON has a token for, and those that are written otherwise than they encode themselves.
extension JSONDocument {
    enum Known {
        case string, int, double, bool, date, data, url, decimal

        init?<T>(_ type: T.Type) {
            if T.self == String.self {
                self = .string
            } else if T.self == Int.self {
                self = .int
            } else if T.self == Double.self {
                self = .double
            } else if T.self == Bool.self {
                self = .bool
            } else if T.self == Date.self {
                self = .date
            } else if T.self == Data.self {
                self = .data
            } else if T.self == URL.self {
                self = .url
            } else if T.self == Decimal.self {
                self = .decimal
            } else {
                return nil
            }
        }
    }

    /// Writes a value of a known type into an array or object.
    mutating func add<T: Encodable>(_ value: T, as known: Known, key: String?, in id: JSONFrameID) throws {
        let element = try begin(key: key, in: id)
        guard append(value, as: known) else { throw refuse(value, element, key: key, in: id) }
        if element.isLate { move(element.start..<bytes.count, into: id.index) }
    }

    /// Writes a value of a known type as the one value of an encoder.
    mutating func set<T: Encodable>(_ value: T, as known: Known, in id: JSONFrameID) throws {
        let isLate = try beginSingle(id)
        let start = bytes.count
        guard append(value, as: known) else { throw refuse(value, from: start, in: id) }
        endSingle(id, from: start, isLate: isLate)
    }

    /// A cast of an unspecialised generic costs more than the writing, and the types have been found equal.
    private mutating func append<T>(_ value: T, as known: Known) -> Bool {
        switch known {
        case .string: unsafe unsafeBitCast(value, to: String.self).append(to: &bytes)
        case .int: unsafe unsafeBitCast(value, to: Int.self).append(to: &bytes)
        case .double: unsafe unsafeBitCast(value, to: Double.self).append(to: &bytes)
        case .bool: unsafe unsafeBitCast(value, to: Bool.self).append(to: &bytes)
        case .date: (value as? Date)?.timeIntervalSinceReferenceDate.append(to: &bytes) ?? false
        case .data: (value as? Data)?.base64EncodedString().append(to: &bytes) ?? false
        case .url: (value as? URL)?.absoluteString.append(to: &bytes) ?? false
        case .decimal: (value as? Decimal).map { append($0) } ?? false
        }
    }

    private mutating func append(_ number: Decimal) -> Bool {
        guard number.isFinite else { return false }
        bytes.append(contentsOf: number.description.utf8)
        return true
    }
}
