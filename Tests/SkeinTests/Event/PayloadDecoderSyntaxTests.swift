import Foundation
import Testing

@testable import Skein

struct PayloadDecoderSyntaxTests {
    private func both(_ bytes: [UInt8]) -> (own: Verdict<AnyJSON>, foundation: Verdict<AnyJSON>) {
        let own = Verdict { try JSONPayloadDecoder().decode(AnyJSON.self, from: bytes) }
        return (own, Verdict { try JSONDecoder().decode(AnyJSON.self, from: Data(bytes)) })
    }

    @Test(arguments: [
        "", " ", "{", "}", "[", "]", "[1,", "[1", #"{"a":1"#, #"{"a":1,"#, #"{"a""#, #"{"a":"#, #"{"a"}"#, #"{"a":}"#,
        "{a:1}", "{'a':1}", "[,1]", "[1 2]", #"{"a":1 "b":2}"#, #"{"a" 1}"#, "{1:2}", "{,}", ",",
        "01", "-", "-a", "+1", ".5", "1.", "1.e3", "1e", "1e+", "0x10", "1_000", "NaN", "Infinity", "-Infinity", "tru",
        "nul", "truex", "True", "1 2", "{}{}", "[]]", #"{"a":1}x"#, "\"a", "\"\\", #""\"#, #""\u12""#, #""\u12G4""#,
        #""\q""#, #""\ud800""#, #""\udc00""#, #""\ud800\u0041""#, #""\ud800\ud800""#, #""\ud800x""#, "\"a\nb\"",
        "\"\u{1}\"", "\"\t\"", "\0", "// a\n1", "/* a */ 1", "[1}", "{]", #"{"a":1]"#, "\u{A0}1", "\u{FEFF}",
        #"{"a":[1,{"b":tru}]}"#, #"["\u00"]"#, "undefined", "'a'", "[\"a\",\u{B}1]", "--1", "1-", "1e5.5", "-01", "00",
    ])
    func `what is no JSON is refused, as Foundation does`(json: String) {
        let verdicts = both(Array(json.utf8))
        #expect(verdicts.own == .corrupted(path: []))
        #expect(!verdicts.foundation.isValue)
    }

    @Test(
        arguments: [
            [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82], [0x80], [0xF4, 0x90, 0x80, 0x80], [0xC3],
            [0xF8, 0x88, 0x80, 0x80, 0x80], [0x61, 0xC3, 0x28],
        ] as [[UInt8]]
    )
    func `bad UTF-8 is refused in texts and keys`(bytes: [UInt8]) {
        for json in [[0x22] + bytes + [0x22], Array("{\"".utf8) + bytes + Array("\":1}".utf8), bytes] {
            #expect(both(json).own == .corrupted(path: []))
            #expect(!both(json).foundation.isValue)
        }
    }

    @Test(arguments: ["[1,]", #"{"a":1,}"#, #"[{"a":[1,],}]"#, "1\0"])
    func `a comma too many and a zero byte at the end are refused, which Foundation allows`(json: String) {
        let verdicts = both(Array(json.utf8))
        #expect(verdicts.own == .corrupted(path: []))
        #expect(verdicts.foundation.isValue)
    }

    @Test func `bad JSON is refused where nobody looks, which Foundation overlooks`() {
        struct Nothing: Decodable, Equatable {}
        #expect(own(Nothing.self, #"{"a":"\ud800"}"#) == .corrupted(path: []))
        #expect(own(Nothing.self, #"{"a":01}"#) == .corrupted(path: []))
    }

    @Test func `only UTF-8 without a byte order mark is read, where Foundation reads more`() {
        #expect(own(Int.self, "\u{FEFF}1") == .corrupted(path: []))
        let verdict = Verdict { try JSONPayloadDecoder().decode(Int.self, from: [0x31, 0, 0x32, 0]) }
        #expect(verdict == .corrupted(path: []))
    }

    @Test func `the error says what is wrong and where, and shows nothing`() throws {
        let json = Array(#"{"secret":"1234",}"#.utf8)
        let error = try #require(throws: DecodingError.self) {
            _ = try JSONPayloadDecoder().decode([String: String].self, from: json)
        }
        guard case .dataCorrupted(let context) = error else { return }
        #expect(context.debugDescription == "The bytes are not JSON: a key is expected (byte 17).")
        #expect(context.underlyingError as? JSONSyntaxError == JSONSyntaxError(reason: "a key is expected", offset: 17))
        let short = #expect(throws: JSONSyntaxError.self) { try JSONScanner.scan(Array("[1,".utf8), isCase: false) }
        #expect(short == JSONSyntaxError(reason: "they end too early", offset: 3))
        let text: [UInt8] = [0x22, 0x61, 0xFF, 0x22]
        let bad = #expect(throws: JSONSyntaxError.self) { try JSONScanner.scan(text, isCase: false) }
        #expect(bad == JSONSyntaxError(reason: "a text is not UTF-8", offset: 2))
    }

    @Test func `the arrays and objects may be 512 deep`() {
        for depth in [1, 511, 512, 513, 600] {
            let arrays = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
            let objects = String(repeating: #"{"a":"#, count: depth) + "1" + String(repeating: "}", count: depth)
            for json in [arrays, objects] {
                #expect(both(Array(json.utf8)).own.isValue == (depth <= 512))
                #expect(both(Array(json.utf8)).foundation.isValue == (depth <= 512))
            }
        }
        let deep = String(repeating: "[", count: 1_000_000)
        #expect(both(Array(deep.utf8)).own == .corrupted(path: []))
        #expect(both(Array(String(repeating: #"{"":"#, count: 1_000_000).utf8)).own == .corrupted(path: []))
    }

    @Test func `a decoding without an end is refused`() {
        struct Endless: Decodable, Equatable {
            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                _ = try container.decode(Endless.self)
            }
        }
        #expect(own(Endless.self, "1") == .corrupted(path: []))
    }

    @Test(arguments: 0..<400)
    func `damaged JSON is read or refused as by Foundation`(seed: Int) {
        var random = SplitMix(state: UInt64(seed))
        let sound = #"{"a":[1,-2.5e3,{"b":"x\u0041\n","c":null}],"d":true,"é":"😀\ud83d\ude00","e":{"f":[[],{}]},"g":0}"#
        let alphabet = Array(#"{}[]",:\0123456789.eE+-truefalsn u"#.utf8) + [0, 0x1F, 0x80, 0xC3, 0xFF]
        for _ in 0..<20 {
            var bytes = Array(sound.utf8)
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                let byte = alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[place] = byte
                case 1: bytes.insert(byte, at: place)
                case 2: bytes.remove(at: place)
                default: bytes.removeLast(bytes.count / 2 > place ? 1 : bytes.count - place)
                }
            }
            let verdicts = both(bytes)
            let text = String(decoding: bytes, as: UTF8.self)
            // Foundation overlooks a comma behind the last element, and does not read a zero with an exponent.
            guard !text.contains(/,\s*[}\]]|\b0[eE]/) else { continue }
            let isSame =
                verdicts.own.isValue || verdicts.foundation.isValue ? verdicts.own == verdicts.foundation : true
            #expect(isSame, "\(text): \(verdicts.own), not \(verdicts.foundation)")
        }
    }
}
