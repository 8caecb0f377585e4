import Foundation
import Testing

@testable import Skein

struct PayloadEncoderTests {
    private struct Everything: Codable, Equatable {
        var int = Int.min
        var int8 = Int8.min
        var int16 = Int16.min
        var int32 = Int32.min
        var int64 = Int64.max
        var uint = UInt.max
        var uint8 = UInt8.max
        var uint16 = UInt16.max
        var uint32 = UInt32.max
        var uint64 = UInt64.max
        var yes = true
        var no = false
        var text = "a\"b\\c/d\u{8}\t\n\u{C}\r\u{1}\u{1F}\u{7F}é😀\u{2028}"
        var date = Date(timeIntervalSinceReferenceDate: 770_000_000.123456)
        var data = Data([0, 1, 2, 253, 254, 255])
        var url = URL(string: "https://example.org/a?b=c#d")
        var decimal = Decimal(string: "12345678901234567890.0123456789")
        var uuid = UUID(uuid: (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16))
        var none: Int?
        var some: Int? = 3
        var optionals: [Int?] = [1, nil, 3]
        var nested: [[String: [Int]]] = [["a": [], "b": [1]], [:]]
        var byNumber: [Int: String] = [1: "one", -2: "two"]
        var byEnum: [Movement.Reason: Int] = [.gift: 1]
        var set: Set<String> = ["one"]
        var range = 1..<3
    }

    @Test func `every kind of member comes back`() throws {
        try expectRoundTrip(Everything())
    }

    @Test(arguments: [
        0, -0.0, 1, -1, 0.1, 1e15, 1e16, 1e17, 1e300, -1e-300, .leastNonzeroMagnitude, .greatestFiniteMagnitude, .pi,
        9_007_199_254_740_991, 9_007_199_254_740_992, 9_007_199_254_740_994, -9_007_199_254_740_992, 123_456.75,
    ])
    func `a Double is its shortest number`(number: Double) throws {
        try expectRoundTrip(number)
        try expectRoundTrip([Float(0.1), 1, 16_777_216, .leastNonzeroMagnitude, 3.402_823_5e38])
        let reference = String(decoding: try JSONEncoder().encode(number), as: UTF8.self)
        #expect(try json(number) == reference)
        let read = try JSONDecoder().decode(Double.self, from: Data(json(number).utf8))
        #expect(read.bitPattern == number.bitPattern)
    }

    @Test func `integers of 128 bits come back`() throws {
        // Foundation reads them, and does not write them.
        let signed = [Int128.min, -1, 0, Int128.max]
        #expect(try JSONDecoder().decode([Int128].self, from: Data(json(signed).utf8)) == signed)
        let unsigned = [UInt128.max, 10, UInt128(UInt64.max) + 1]
        #expect(try JSONDecoder().decode([UInt128].self, from: Data(json(unsigned).utf8)) == unsigned)
        #expect(try json(UInt128.max) == "340282366920938463463374607431768211455")
    }

    @Test func `a value of one token is JSON too`() throws {
        try expectRoundTrip("text")
        try expectRoundTrip(true)
        try expectRoundTrip(Int?.none)
        try expectRoundTrip(Date(timeIntervalSinceReferenceDate: 0.5))
        try expectRoundTrip(Data([1, 2, 3]))
        #expect(try json("a/b") == #""a/b""#)
    }

    @Test func `containers may be empty`() throws {
        try expectRoundTrip([Int]())
        try expectRoundTrip([String: Int]())
        try expectRoundTrip([[[Int]]()])
        try expectRoundTrip([[:] as [String: Int]])
    }

    @Test func `members keep their order, or have that of their keys`() throws {
        struct Members: Encodable {
            var b = 1
            var a = 2
            var ab = [["z": 1, "y": 2]]
        }
        #expect(try json(Members()).hasPrefix(#"{"b":1,"a":2,"ab":"#))
        #expect(try json(Members(), sortsKeys: true) == #"{"a":2,"ab":[{"y":2,"z":1}],"b":1}"#)
        let escaped = ["\"": 1, "!": 2, "#": 3, "\n": 4, "\u{1}": 5, "é": 6]
        #expect(try json(escaped, sortsKeys: true) == ##"{"\u0001":5,"\n":4,"!":2,"\"":1,"#":3,"é":6}"##)
    }

    @Test func `dictionaries are objects where their keys are strings or numbers, else arrays`() throws {
        try expectRoundTrip(["b": 1, "a\"": 2])
        try expectRoundTrip([Movement.deposited(1): 2])
        #expect(try json([7: "x"]) == #"{"7":"x"}"#)
        #expect(try json([Movement.Reason.gift: 1]) == #"["gift",1]"#)
        #expect(try json([true: 1]) == "[true,1]")
        let many = Dictionary(uniqueKeysWithValues: (0..<500).map { ("key \($0)", [$0]) })
        try expectRoundTrip(many)
    }

    @Test func `a class writes its superclass's members where it wants them`() throws {
        class Animal: Codable { var name = "Ada" }
        final class Dog: Animal {
            var age = 3
            override func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: Key.self)
                try super.encode(to: container.superEncoder())
                try container.encode(age, forKey: .age)
            }
            enum Key: CodingKey { case age }
        }
        final class Cat: Animal {
            override func encode(to encoder: any Encoder) throws {
                try super.encode(to: encoder)
                var container = encoder.container(keyedBy: Key.self)
                try container.encode(9, forKey: .lives)
            }
            enum Key: CodingKey { case lives }
        }
        #expect(try json(Dog()) == #"{"super":{"name":"Ada"},"age":3}"#)
        #expect(try json(Cat()) == #"{"name":"Ada","lives":9}"#)
    }
}
