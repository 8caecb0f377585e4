#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A type whose values are one JSON token.
protocol JSONReadable {
    /// Reads the token, or throws a `DecodingError`.
    static func read(at place: JSONPlace) throws -> Self
}

extension Bool: JSONReadable {
    static func read(at place: JSONPlace) throws -> Bool {
        switch place.kind {
        case .truth: true
        case .falsehood: false
        default: throw place.mismatch(Bool.self)
        }
    }
}

extension String: JSONReadable {
    static func read(at place: JSONPlace) throws -> String {
        guard place.kind == .string else { throw place.mismatch(String.self) }
        return place.reader.text(of: place.index)
    }
}

extension FixedWidthInteger {
    static func read(at place: JSONPlace) throws -> Self {
        let node = place.node
        guard node.kind == .number else { throw place.mismatch(Self.self) }
        let number = JSONNumber(place.token, isPlain: node.isPlain)
        guard let value = number.integer(Self.self) else { throw place.corrupted("The number is no \(Self.self).") }
        return value
    }
}

extension Int: JSONReadable {}
extension Int8: JSONReadable {}
extension Int16: JSONReadable {}
extension Int32: JSONReadable {}
extension Int64: JSONReadable {}
extension Int128: JSONReadable {}
extension UInt: JSONReadable {}
extension UInt8: JSONReadable {}
extension UInt16: JSONReadable {}
extension UInt32: JSONReadable {}
extension UInt64: JSONReadable {}
extension UInt128: JSONReadable {}

extension Double: JSONReadable {
    static func read(at place: JSONPlace) throws -> Double {
        guard place.kind == .number else { throw place.mismatch(Double.self) }
        guard let value = JSONNumber(place.token).double else { throw place.corrupted("The number is no Double.") }
        return value
    }
}

extension Float: JSONReadable {
    static func read(at place: JSONPlace) throws -> Float {
        guard place.kind == .number else { throw place.mismatch(Float.self) }
        guard let value = JSONNumber(place.token).float else { throw place.corrupted("The number is no Float.") }
        return value
    }
}

// MARK: Types that JSON has no token for

extension Date: JSONReadable {
    static func read(at place: JSONPlace) throws -> Date {
        Date(timeIntervalSinceReferenceDate: try Double.read(at: place))
    }
}

extension Data: JSONReadable {
    static func read(at place: JSONPlace) throws -> Data {
        guard let data = Data(base64Encoded: try String.read(at: place)) else {
            throw place.corrupted("The string is no Base64.")
        }
        return data
    }
}

extension URL: JSONReadable {
    static func read(at place: JSONPlace) throws -> URL {
        guard let url = URL(string: try String.read(at: place)) else { throw place.corrupted("The string is no URL.") }
        return url
    }
}

extension Decimal: JSONReadable {
    static func read(at place: JSONPlace) throws -> Decimal {
        guard place.kind == .number else { throw place.mismatch(Decimal.self) }
        guard let number = Decimal(string: JSONNumber(place.token).text), number.isFinite else {
            throw place.corrupted("The number is no Decimal.")
        }
        return number
    }
}
