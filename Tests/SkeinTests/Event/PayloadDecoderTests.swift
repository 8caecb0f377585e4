import Foundation
import Testing

@testable import Skein

/// What is read, and that Foundation reads it in the same way. That all that is written is read stands with the encoder.
struct PayloadDecoderTests {
    private struct Item: Codable, Equatable {
        var name: String
        var price: Int
        var note: String?
        var tags: [String]?
    }

    private enum Colour: String, Codable { case red, green }

    private func read<V: Decodable>(_ type: V.Type, _ json: String) throws -> V {
        try JSONPayloadDecoder().decode(type, from: Array(json.utf8))
    }

    @Test func `space, order and unknown members do not matter`() throws {
        let json = " \n{ \"price\" :\t3 ,\"other\": [ {} , [ ] ,null ] , \"name\":\"tea\"\r}\n "
        #expect(try read(Item.self, json) == Item(name: "tea", price: 3))
        expectSame(Item.self, json)
    }

    @Test func `a missing member and a null are nil where that is allowed`() {
        for json in [
            #"{"name":"tea","price":1}"#, #"{"name":"tea","price":1,"note":null,"tags":null}"#,
            #"{"name":"tea","price":1,"note":"x","tags":[]}"#, #"{"name":null,"price":1}"#, #"{"name":"tea"}"#, "null",
            "{}", "[]", "7", #"{"name":"tea","price":1,"note":5}"#, #"{"name":"tea","price":1,"tags":[1]}"#,
            #"{"name":"tea","price":1,"tags":[null]}"#, #"{"name":"tea","price":"1"}"#,
        ] {
            expectSame(Item.self, json)
            expectSame([Item?].self, "[null,\(json)]")
            expectSame([String: [Item]].self, "{\"items\":[\(json)]}")
        }
    }

    @Test func `of members with one key the first counts`() throws {
        #expect(try read([String: Int].self, #"{"a":1,"a":2}"#) == ["a": 1])
        expectSame([String: Int].self, #"{"a":1,"b":2,"\u0061":3}"#)
        expectSame(Item.self, #"{"name":"tea","price":1,"name":"coffee"}"#)
        let many = (0..<40).map { "\"key \($0 % 20)\":\($0)" }.joined(separator: ",")
        expectSame([String: Int].self, "{\(many)}")
        // Only one key, though it is there twice.
        expectSame(Movement.self, #"{"closed":{},"closed":{}}"#)
    }

    @Test func `keys are compared as Swift compares texts`() {
        expectSame([String: Int].self, #"{"cafe\u0301":1}"#)
        struct Menu: Codable, Equatable { var café: Int }
        expectSame(Menu.self, #"{"cafe\u0301":1}"#)
        expectSame(Menu.self, "{\"caf\u{E9}\":1}")
        expectSame(Menu.self, "{\"cafe\u{301}\":1}")
        expectSame(Menu.self, #"{"cafe":1}"#)
        expectSame(Item.self, #"{"n\u0061me":"tea","pric\u0065":1}"#)
    }

    @Test func `large objects are read as small ones are`() {
        for count in [15, 16, 17, 18, 300] {
            let members = (0..<count).map { "\"key \($0)\":{\"name\":\"\($0)\",\"price\":\($0)}" }
            expectSame([String: Item].self, "{\(members.joined(separator: ","))}")
            let padding = (0..<count).map { "\"other \($0)\":null" }.joined(separator: ",")
            expectSame(Item.self, "{\(padding),\"price\":1,\"name\":\"x\"}")
            expectSame(Item.self, "{\(padding),\"price\":1}")
        }
    }

    @Test func `texts with escapes and from all planes are read`() throws {
        let json = #""\"\\\/\b\f\n\r\t\u0041\u00e9\u20AC\ud83d\uDE00\u0000 é😀""#
        #expect(try read(String.self, json) == "\"\\/\u{8}\u{C}\n\r\tA\u{E9}\u{20AC}😀\0 é😀")
        expectSame(String.self, json)
        expectSame([String].self, #"["","\\","\\\"","\\\\\"\\","\u2028",""]"#)
    }

    @Test func `dictionaries with keys of any kind are read`() {
        expectSame([Int: String].self, #"{"1":"a","-2":"b"}"#)
        expectSame([Int: String].self, #"{"1":"a","x":"b"}"#)
        expectSame([Colour: Int].self, #"["red",1,"green",2]"#)
        expectSame([Colour: Int].self, #"["red",1,"green"]"#)
        expectSame([Colour: Int].self, #"["red",1,"blue",2]"#)
        expectSame([Bool: Int].self, "[true,1,false,2]")
        expectSame([String: [Int: [Int?]]].self, #"{"a":{"1":[null,2]},"b":{}}"#)
    }

    @Test func `enums are read by their case`() {
        for json in [
            #"{"opened":{"owner":"Ada"}}"#, #"{"deposited":{"_0":5}}"#, #"{"closed":{}}"#, "{}", #"{"closed":null}"#,
            #"{"withdrawn":{"amount":1,"reason":"gift"}}"#, #"{"withdrawn":{"amount":1,"reason":"theft"}}"#,
            #"{"withdrawn":{"amount":1}}"#, #"{"closed":{},"opened":{}}"#, #"{"gone":{}}"#, "5", #""closed""#,
            #"{"corrected":{"_0":{"closed":{}},"by":[{"deposited":{"_0":5}}]}}"#,
            #"{"corrected":{"_0":{"closed":{}},"by":[{"deposited":{"_0":"5"}}]}}"#, #"{"deposited":{"_0":5.5}}"#,
        ] {
            expectSame(Movement.self, json)
        }
        expectSame(Colour.self, #""red""#)
        expectSame(Colour.self, #""blue""#)
    }

    @Test func `a case is read from its name and its own JSON`() throws {
        let decoder = JSONPayloadDecoder()
        let movement = try decoder.decodeCase(Movement.self, named: "opened", from: Array(#" {"owner":"Ada"} "#.utf8))
        #expect(movement == .opened(owner: "Ada"))
        func verdict(_ name: String, _ json: String) -> Verdict<Movement> {
            Verdict { try decoder.decodeCase(Movement.self, named: name, from: Array(json.utf8)) }
        }
        #expect(verdict("opened", #"{"owner":7}"#) == .mismatch(path: ["opened", "owner"]))
        #expect(verdict("opened", "{}") == .missing(key: "owner", path: ["opened"]))
        #expect(verdict("gone", "{}") == .mismatch(path: []))
        #expect(verdict("closed", "null") == .absent(path: ["closed"]))
        // A second case cannot be smuggled in.
        #expect(verdict("closed", #"{},"opened":{}"#) == .corrupted(path: []))
    }

    @Test func `types with a form of their own are read`() {
        expectSame(Date.self, "770000000.123456")
        expectSame(Date.self, #""2026-01-01""#)
        expectSame(Data.self, #""AAEC/f7/""#)
        expectSame(Data.self, #""AAEC\/f7\/""#)
        expectSame(Data.self, #""A""#)
        expectSame(Data.self, "[1,2]")
        expectSame(URL.self, #""https:\/\/example.org\/a?b=c#d""#)
        expectSame(URL.self, #""""#)
        expectSame(URL.self, "null")
        expectSame(UUID.self, #""01020304-0506-0708-090A-0B0C0D0E0F10""#)
        expectSame(UUID.self, #""0102""#)
        expectSame(Range<Int>.self, "[1,3]")
        expectSame(Range<Int>.self, "[3,1]")
        expectSame(Set<String>.self, #"["a","b","a"]"#)
        expectSame([UInt8].self, "[0,255,256]")
    }
}
