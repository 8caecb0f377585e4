import Foundation
import Testing

@testable import Skein

/// Decodings that nobody's compiler writes, but a person may.
struct PayloadDecoderContainerTests {
    private typealias Key = Encoding.Key

    /// Runs a decoding with both decoders, and compares what each has noted.
    private func expectSame(_ json: String, _ read: @escaping (any Decoder, inout [String]) throws -> Void) {
        struct Reading: Decodable {
            static let read = CodingUserInfoKey(rawValue: "read")
            let decoder: any Decoder
            init(from decoder: any Decoder) { self.decoder = decoder }
        }
        func notes(_ make: () throws -> Reading) -> [String] {
            var notes: [String] = []
            let verdict = Verdict<Int> {
                try read(try make().decoder, &notes)
                return 0
            }
            return notes + ["\(verdict)"]
        }
        let own = notes { try JSONPayloadDecoder().decode(Reading.self, from: Array(json.utf8)) }
        #expect(own == notes { try JSONDecoder().decode(Reading.self, from: Data(json.utf8)) })
        #expect(own.count > 1)
    }

    private func text(_ path: [any CodingKey]) -> String {
        path.map(\.stringValue).joined(separator: ".")
    }

    @Test func `containers nest and know their paths`() {
        expectSame(#"{"a":{"b":[1,{"c":2},[3]]},"d":"x"}"#) { decoder, notes in
            let outer = try decoder.container(keyedBy: Key.self)
            notes.append("\(outer.allKeys.map(\.stringValue).sorted()) \(outer.contains(.a)) \(outer.contains(.b))")
            let inner = try outer.nestedContainer(keyedBy: Key.self, forKey: .a)
            var array = try inner.nestedUnkeyedContainer(forKey: .b)
            notes.append("\(text(inner.codingPath)) \(text(array.codingPath)) \(array.count ?? -1)")
            notes.append("\(try array.decode(Int.self)) \(array.currentIndex) \(array.isAtEnd)")
            let object = try array.nestedContainer(keyedBy: Key.self)
            notes.append("\(text(object.codingPath)) \(try object.decode(Int.self, forKey: .c))")
            var last = try array.nestedUnkeyedContainer()
            notes.append("\(text(last.codingPath)) \(try last.decode(Int.self)) \(last.isAtEnd) \(array.isAtEnd)")
            notes.append("\(try outer.decode(String.self, forKey: .d))")
            notes.append("\(Verdict { try array.decode(Int.self) })")
            notes.append("\(Verdict { try array.decodeNil() })")
            notes.append("\(Verdict { try outer.decode(Int.self, forKey: .d) })")
            notes.append("\(Verdict { try outer.decode(Int.self, forKey: .c) })")
            notes.append("\(Verdict { try outer.decodeNil(forKey: .c) })")
            notes.append("\(Verdict { try outer.nestedContainer(keyedBy: Key.self, forKey: .d).allKeys.count })")
            notes.append("\(Verdict { try outer.nestedUnkeyedContainer(forKey: .a).currentIndex })")
        }
    }

    @Test func `an element that fails is still the next one`() {
        expectSame(#"["x",null,null,2,{"a":1}]"#) { decoder, notes in
            var array = try decoder.unkeyedContainer()
            notes.append("\(Verdict { try array.decode(Int.self) }) \(array.currentIndex)")
            notes.append("\(Verdict { try array.decode([Int].self) }) \(array.currentIndex)")
            notes.append("\(try array.decodeNil()) \(try array.decode(String.self)) \(array.currentIndex)")
            notes.append("\(Verdict { try array.decode(Int.self) }) \(try array.decodeNil()) \(array.currentIndex)")
            notes.append("\(try array.decodeIfPresent(Int.self) ?? -1) \(array.currentIndex)")
            notes.append("\(try array.decodeIfPresent(Int.self) ?? -1) \(array.currentIndex)")
            notes.append("\(try array.decode([String: Int].self)) \(array.isAtEnd)")
            notes.append("\(try array.decodeIfPresent(Int.self) ?? -1)")
        }
    }

    @Test func `superDecoders find their members, or null`() {
        expectSame(#"{"super":{"a":1},"b":[2,[3]]}"#) { decoder, notes in
            let outer = try decoder.container(keyedBy: Key.self)
            let above = try outer.superDecoder()
            let inner = try above.container(keyedBy: Key.self)
            notes.append("\(text(above.codingPath)) \(try inner.decode(Int.self, forKey: .a))")
            var array = try outer.superDecoder(forKey: .b).unkeyedContainer()
            notes.append("\(try array.superDecoder().singleValueContainer().decode(Int.self)) \(array.currentIndex)")
            let last = try array.superDecoder()
            notes.append("\(text(last.codingPath)) \(array.isAtEnd)")
            let missing = try outer.superDecoder(forKey: .c)
            notes.append("\(text(missing.codingPath)) \(try missing.singleValueContainer().decodeNil())")
            notes.append("\(Verdict { try missing.container(keyedBy: Key.self).allKeys.count })")
            notes.append("\(Verdict { try missing.singleValueContainer().decode(Int.self) })")
        }
    }

    @Test func `every number type is read from every container`() throws {
        struct Numbers: Codable, Equatable {
            var signed: Int128 = .min
            var unsigned: UInt128 = .max
            var maybe: Int128? = 5
            var never: UInt128?
            var list: [UInt128] = [1, .max]
            var small: [Int8?] = [-128, nil, 127]
            var float: Float? = 0.1
            var wide: [UInt64?] = [.max, nil]
            var one: [Int16: Float] = [1: 2]
        }
        let bytes = try JSONPayloadEncoder().encode(Numbers())
        #expect(try JSONPayloadDecoder().decode(Numbers.self, from: bytes) == Numbers())
    }

    @Test func `a class reads its superclass's members where they are`() throws {
        class Animal: Codable {
            var name = "Ada"
            init() {}
        }
        final class Dog: Animal {
            var age = 3
            enum Key: CodingKey { case age }
            override init() { super.init() }
            required init(from decoder: any Decoder) throws {
                let container = try decoder.container(keyedBy: Key.self)
                age = try container.decode(Int.self, forKey: .age)
                try super.init(from: container.superDecoder())
            }
        }
        let dog = try JSONPayloadDecoder().decode(Dog.self, from: Array(#"{"super":{"name":"Rex"},"age":4}"#.utf8))
        #expect(dog.name == "Rex" && dog.age == 4)
        #expect(throws: DecodingError.self) {
            try JSONPayloadDecoder().decode(Dog.self, from: Array(#"{"age":4}"#.utf8))
        }
    }
}
