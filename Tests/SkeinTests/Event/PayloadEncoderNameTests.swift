import Foundation
import Testing

@testable import Skein

struct PayloadEncoderNameTests {
    private func event(_ event: some Encodable) throws -> [String?] {
        let encoded = try JSONPayloadEncoder().encodeEvent(event)
        return [encoded.name, String(decoding: encoded.bytes, as: UTF8.self)]
    }

    @Test func `an enum case is its name and its own values`() throws {
        #expect(try event(Movement.opened(owner: "Ada")) == ["opened", #"{"owner":"Ada"}"#])
        #expect(try event(Movement.deposited(3)) == ["deposited", #"{"_0":3}"#])
        #expect(try event(Movement.withdrawn(amount: 1, reason: nil)) == ["withdrawn", #"{"amount":1}"#])
        #expect(
            try event(Movement.withdrawn(amount: 1, reason: .rent)) == ["withdrawn", #"{"amount":1,"reason":"rent"}"#]
        )
        #expect(try event(Movement.closed) == ["closed", "{}"])
        #expect(
            try event(Movement.corrected(.closed, by: [.deposited(1)]))
                == ["corrected", #"{"_0":{"closed":{}},"by":[{"deposited":{"_0":1}}]}"#]
        )
    }

    @Test func `a renamed case has the name it is encoded with`() throws {
        enum Renamed: Codable {
            case first(a: Int)
            enum CodingKeys: String, CodingKey { case first = "first \"one\"" }
        }
        #expect(try event(Renamed.first(a: 1)) == ["first \"one\"", #"{"a":1}"#])
    }

    @Test func `an enum with raw strings is its raw value`() throws {
        #expect(try event(Movement.Reason.gift) == ["gift", #""gift""#])
        enum Number: Int, Codable { case one = 1 }
        #expect(try event(Number.one) == [nil, "1"])
    }

    @Test func `what is no enum has no name, though it looks like one`() throws {
        struct Inner: Codable { var inner = 1 }
        struct Outer: Codable { var outer = Inner() }
        #expect(try event(Outer()) == [nil, #"{"outer":{"inner":1}}"#])
        let nested = Encoding { encoder in
            var outer = encoder.container(keyedBy: Encoding.Key.self)
            var inner = outer.nestedContainer(keyedBy: Encoding.Key.self, forKey: .a)
            try inner.encode(1, forKey: .b)
        }
        #expect(try event(nested) == [nil, #"{"a":{"b":1}}"#])
        #expect(try event("text") == [nil, #""text""#])
    }

    @Test(arguments: Handwritten.allCases)
    private func `an enum that encodes itself in another shape has no name`(value: Handwritten) throws {
        let whole = try json(value)
        #expect(try event(value) == [nil, whole])
    }

    private enum Handwritten: CaseIterable, Encodable {
        case text, object, twoMembers, twoContainers, array, nestedArray, superclass

        func encode(to encoder: any Encoder) throws {
            switch self {
            case .text:
                var container = encoder.singleValueContainer()
                try container.encode("text")
            case .object:
                var container = encoder.container(keyedBy: Encoding.Key.self)
                try container.encode(["b": 1], forKey: .a)
            case .twoMembers:
                var container = encoder.container(keyedBy: Encoding.Key.self)
                _ = container.nestedContainer(keyedBy: Encoding.Key.self, forKey: .a)
                try container.encode(1, forKey: .b)
            case .twoContainers:
                var container = encoder.container(keyedBy: Encoding.Key.self)
                _ = container.nestedContainer(keyedBy: Encoding.Key.self, forKey: .a)
                _ = container.nestedContainer(keyedBy: Encoding.Key.self, forKey: .b)
            case .array:
                var container = encoder.unkeyedContainer()
                try container.encode(1)
            case .nestedArray:
                var container = encoder.container(keyedBy: Encoding.Key.self)
                _ = container.nestedUnkeyedContainer(forKey: .a)
            case .superclass:
                var container = encoder.container(keyedBy: Encoding.Key.self)
                var inner = container.superEncoder(forKey: .a).container(keyedBy: Encoding.Key.self)
                try inner.encode(1, forKey: .b)
            }
        }
    }

    @Test func `a caller that knows the type says whether it is an enum`() throws {
        let whole = try JSONPayloadEncoder().encodeEvent(Movement.closed, isEnum: false)
        #expect(whole == EncodedPayload(name: nil, bytes: Array(#"{"closed":{}}"#.utf8)))
        #expect(JSONPayloadEncoder.isEnum(Movement.closed))
        #expect(!JSONPayloadEncoder.isEnum("text"))
        #expect(!JSONPayloadEncoder.isEnum(Movement?.some(.closed)))
    }

    @Test func `an event's own JSON is sorted as well`() throws {
        let encoded = try JSONPayloadEncoder(sortsKeys: true)
            .encodeEvent(Movement.withdrawn(amount: 1, reason: .gift))
        #expect(encoded.name == "withdrawn")
        enum Two: Codable { case two(b: Int, a: Int) }
        let two = try JSONPayloadEncoder(sortsKeys: true).encodeEvent(Two.two(b: 1, a: 2))
        #expect(String(decoding: two.bytes, as: UTF8.self) == #"{"a":2,"b":1}"#)
    }
}
