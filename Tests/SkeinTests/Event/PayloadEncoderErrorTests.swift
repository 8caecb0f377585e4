import Foundation
import Testing

@testable import Skein

struct PayloadEncoderErrorTests {
    private typealias Key = Encoding.Key

    private struct Box<V: Encodable>: Encodable {
        var items: [[String: V]]
        init(_ value: V) { items = [[:], ["x": value]] }
    }

    @Test func `a number that is not finite is refused with its path`() {
        #expect(failure(Box(Double.nan))?.path == "items.Index 1.x")
        #expect(failure(Box(-Double.infinity))?.path == "items.Index 1.x")
        #expect(failure(Box(Float.infinity))?.path == "items.Index 1.x")
        #expect(failure(Box(Float?.some(.nan)))?.path == "items.Index 1.x")
        #expect(failure(Box(Decimal.nan))?.path == "items.Index 1.x")
        #expect(failure(Box(Date(timeIntervalSinceReferenceDate: .nan)))?.path == "items.Index 1.x")
        #expect(failure(Double.nan)?.path == "")
    }

    @Test func `a string or key with U+0000 is refused with its path`() {
        #expect(failure(Box("a\0b"))?.path == "items.Index 1.x")
        #expect(failure(Box("a\0b"))?.reason == "A string holds U+0000, which not every store can keep.")
        #expect(failure(Box(["k\0": 1]))?.path == "items.Index 1.x.k\0")
        #expect(failure(Box(["k\0": 1]))?.reason == "A key holds U+0000, which not every store can keep.")
        #expect(failure("\0")?.path == "")
        #expect(failure(Box(Movement.Reason.gift)) == nil)
    }

    @Test func `an encoding of nothing is refused at the top`() {
        #expect(failure(Encoding { _ in }) != nil)
        #expect(failure(Encoding { _ = $0.singleValueContainer() }) != nil)
    }

    @Test func `another error is wrapped`() throws {
        struct Own: Error {}
        let error = #expect(throws: EncodingError.self) {
            try JSONPayloadEncoder().encode(["a": Encoding { _ in throw Own() }])
        }
        guard case .invalidValue(_, let context) = try #require(error) else { return }
        #expect(context.underlyingError is Own)
        #expect(context.codingPath.map(\.stringValue) == ["a"])
    }

    @Test func `the arrays and objects may be 512 deep`() throws {
        final class Node: Codable {
            var next: Node?
            init(depth: Int) { next = depth > 1 ? Node(depth: depth - 1) : nil }
        }
        _ = try JSONDecoder().decode(Node.self, from: Data(JSONPayloadEncoder().encode(Node(depth: 512))))
        let error = try #require(failure(Node(depth: 513)))
        #expect(error.reason == "The value is nested deeper than 512 arrays and objects.")
        #expect(error.path.count == 512 * 5 - 1)
        #expect(failure(Node(depth: 20_000)) != nil)
    }

    @Test func `an encoding without an end is refused`() {
        struct Single: Encodable {
            func encode(to encoder: any Encoder) throws {
                var container = encoder.singleValueContainer()
                try container.encode(Single())
            }
        }
        #expect(failure(Single()) != nil)
    }

    @Test func `nested containers count`() {
        let deep = Encoding { encoder in
            var container = encoder.unkeyedContainer()
            for _ in 0..<600 { container = container.nestedUnkeyedContainer() }
        }
        #expect(failure(deep)?.reason == "The value is nested deeper than 512 arrays and objects.")
    }

    @Test func `two values or two kinds of container for one encoder are refused`() {
        #expect(
            failure(
                Encoding { encoder in
                    var container = encoder.singleValueContainer()
                    try container.encode(1)
                    try container.encode(2)
                }
            ) != nil
        )
        #expect(
            failure(
                [
                    "a": Encoding { encoder in
                        _ = encoder.container(keyedBy: Key.self)
                        _ = encoder.unkeyedContainer()
                    }
                ]
            )?.path == "a"
        )
        #expect(
            failure(
                Encoding { encoder in
                    _ = encoder.unkeyedContainer()
                    var container = encoder.singleValueContainer()
                    try container.encode([1])
                }
            ) != nil
        )
    }

    @Test func `a container that outlives its call is refused, not written to`() throws {
        final class Kept {
            var encoder: (any Encoder)?
            var container: KeyedEncodingContainer<Key>?
        }
        let kept = Kept()
        let value = Encoding { encoder in
            var array = encoder.unkeyedContainer()
            try array.encode(
                Encoding {
                    kept.encoder = $0
                    kept.container = $0.container(keyedBy: Key.self)
                }
            )
            // It sits where the kept one was.
            var nested = array.nestedUnkeyedContainer()
            try nested.encode(5)
            #expect(throws: EncodingError.self) { try kept.container?.encode(1, forKey: .a) }
        }
        #expect(try json(value) == "[{},[5]]")
        #expect(throws: EncodingError.self) { try kept.container?.encode(1, forKey: .a) }
        var nested = kept.container?.nestedUnkeyedContainer(forKey: .b)
        #expect(throws: EncodingError.self) { try nested?.encode(1) }
        var single = kept.encoder?.singleValueContainer()
        #expect(throws: EncodingError.self) { try single?.encode(1) }
        _ = kept.encoder?.container(keyedBy: Key.self)
        #expect(kept.encoder?.codingPath.isEmpty == true)
    }

    @Test func `the outermost container is refused too once the value is written`() throws {
        final class Kept {
            var container: KeyedEncodingContainer<Key>?
        }
        let kept = Kept()
        let value = Encoding { encoder in
            kept.container = encoder.container(keyedBy: Key.self)
            try kept.container?.encode(1, forKey: .a)
        }
        #expect(try json(value) == #"{"a":1}"#)
        #expect(throws: EncodingError.self) { try kept.container?.encode(2, forKey: .b) }
    }

    @Test func `an inner value that writes to an outer container breaks nothing`() throws {
        let value = Encoding { encoder in
            var outer = encoder.container(keyedBy: Key.self)
            var first = outer.nestedUnkeyedContainer(forKey: .a)
            var second = outer.nestedUnkeyedContainer(forKey: .b)
            try first.encode(
                Encoding { inner in
                    var object = inner.container(keyedBy: Key.self)
                    try object.encode(1, forKey: .a)
                    try outer.encode(2, forKey: .c)
                    try object.encode(3, forKey: .b)
                    try second.encode([4])
                    try object.encode([5], forKey: .c)
                }
            )
            try second.encode(6)
        }
        #expect(try json(value, sortsKeys: true) == #"{"a":[{"a":1,"b":3,"c":[5]}],"b":[[4],6],"c":2}"#)
    }
}
