import Foundation
import Testing

@testable import Skein

/// What became of a decoding: a value, or the kind of error and where it was.
enum Verdict<V: Equatable>: Equatable {
    case value(V)
    case missing(key: String, path: [String])
    case absent(path: [String])
    case mismatch(path: [String])
    case corrupted(path: [String])
    case other(String)

    init(_ decode: () throws -> V) {
        func steps(_ context: DecodingError.Context) -> [String] { context.codingPath.map(\.stringValue) }
        do {
            self = .value(try decode())
        } catch DecodingError.keyNotFound(let key, let context) {
            self = .missing(key: key.stringValue, path: steps(context))
        } catch DecodingError.valueNotFound(_, let context) {
            self = .absent(path: steps(context))
        } catch DecodingError.typeMismatch(_, let context) {
            self = .mismatch(path: steps(context))
        } catch DecodingError.dataCorrupted(let context) {
            self = .corrupted(path: steps(context))
        } catch {
            self = .other("\(error)")
        }
    }

    var isValue: Bool {
        if case .value = self { true } else { false }
    }

    /// Whether it is what Foundation gives, which does not say where a number is that does not fit.
    func isSame(as foundation: Verdict) -> Bool {
        if case .corrupted = self, foundation == .corrupted(path: []) { return true }
        return self == foundation
    }
}

func own<V: Decodable & Equatable>(_ type: V.Type, _ json: String) -> Verdict<V> {
    Verdict { try JSONPayloadDecoder().decode(type, from: Array(json.utf8)) }
}

/// Checks that Skein gives what Foundation gives, a value or an error at the same place.
func expectSame<V: Decodable & Equatable>(
    _ type: V.Type,
    _ json: String,
    _ location: SourceLocation = #_sourceLocation
) {
    let foundation = Verdict { try JSONDecoder().decode(type, from: Data(json.utf8)) }
    let own = own(type, json)
    #expect(own.isSame(as: foundation), "\(json): \(own), not \(foundation)", sourceLocation: location)
}

/// Any JSON at all, with everything in it looked at.
indirect enum AnyJSON: Decodable, Equatable {
    case null, truth(Bool), number(Double), text(String), list([AnyJSON]), table([String: AnyJSON])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let truth = try? container.decode(Bool.self) {
            self = .truth(truth)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if var array = try? decoder.unkeyedContainer() {
            var list: [AnyJSON] = []
            while !array.isAtEnd { list.append(try array.decode(AnyJSON.self)) }
            self = .list(list)
        } else {
            self = .table(try container.decode([String: AnyJSON].self))
        }
    }
}
