import Foundation
import Testing

@testable import Skein

/// Encodes with Skein and checks that Foundation reads the same value and the same JSON tree, and Skein what both write.
func expectRoundTrip<V: Codable & Equatable>(
    _ value: V,
    _ location: SourceLocation = #_sourceLocation
) throws {
    let foundation = try JSONEncoder().encode(value)
    let reference = try JSONSerialization.jsonObject(with: foundation, options: .fragmentsAllowed)
    #expect(try JSONPayloadDecoder().decode(V.self, from: Array(foundation)) == value, sourceLocation: location)
    for sortsKeys in [false, true] {
        let bytes = try JSONPayloadEncoder(sortsKeys: sortsKeys).encode(value)
        let text = String(decoding: bytes, as: UTF8.self)
        let read = try JSONDecoder().decode(V.self, from: Data(bytes))
        #expect(read == value, "\(text)", sourceLocation: location)
        let own = try JSONPayloadDecoder().decode(V.self, from: bytes)
        #expect(own == value, "\(text)", sourceLocation: location)
        let tree = try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
        #expect((tree as? NSObject) == (reference as? NSObject), "\(text)", sourceLocation: location)
    }
}

func json(_ value: some Encodable, sortsKeys: Bool = false) throws -> String {
    String(decoding: try JSONPayloadEncoder(sortsKeys: sortsKeys).encode(value), as: UTF8.self)
}

/// The error of an encoding that must fail, as its path and its reason.
func failure(_ value: some Encodable) -> (path: String, reason: String)? {
    do throws(EncodingError) {
        _ = try JSONPayloadEncoder().encode(value)
        return nil
    } catch {
        guard case .invalidValue(_, let context) = error else { return nil }
        return (context.codingPath.map(\.stringValue).joined(separator: "."), context.debugDescription)
    }
}

/// A value whose encoding is a closure.
struct Encoding: Encodable {
    enum Key: String, CodingKey { case a, b, c, d }

    let write: (any Encoder) throws -> Void

    func encode(to encoder: any Encoder) throws { try write(encoder) }
}

enum Movement: Codable, Hashable {
    enum Reason: String, Codable { case rent, gift }

    case opened(owner: String)
    case deposited(Int)
    case withdrawn(amount: Int, reason: Reason?)
    case closed
    indirect case corrected(Movement, by: [Movement])
}

struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
