import Foundation
import Testing

@testable import Skein

struct PayloadDecoderNumberTests {
    private static let texts = [
        "0", "-0", "1", "-1", "127", "128", "-128", "-129", "255", "256", "300", "65535", "65536", "2147483647",
        "2147483648", "-2147483648", "4294967295", "999999999999999999", "1000000000000000000", "9223372036854775807",
        "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "18446744073709551615",
        "18446744073709551616", "1.0", "1.5", "-1.50e1", "1e2", "1E+2", "100e-2", "1e-1", "0.1e1", "0.0",
        "12345678901234567890123456789012345678901234567890", "0.00000000000000000000001e23",
    ]

    @Test(arguments: texts)
    func `a number is what it is for Foundation, in every type`(text: String) {
        expectSame(Int.self, text)
        expectSame(Int8.self, text)
        expectSame(Int16.self, text)
        expectSame(Int32.self, text)
        expectSame(UInt.self, text)
        expectSame(UInt8.self, text)
        expectSame(UInt32.self, text)
        expectSame(UInt64.self, text)
        expectSame(Int128.self, text)
        expectSame(Double.self, text)
        expectSame(Float.self, text)
        expectSame([Int].self, "[1,\(text)]")
        expectSame([String: UInt16].self, "{\"a\":\(text)}")
    }

    @Test(arguments: ["1e400", "-1e400", "1e39", "3.4028236e38", "\"1\"", "true", "null", "[]", "{}"])
    func `what is no such number is refused as Foundation does`(text: String) {
        expectSame(Double.self, text)
        expectSame(Float.self, text)
        expectSame(Int.self, text)
        expectSame(String.self, text)
        if text != "null" { expectSame(Bool.self, text) }
    }

    @Test func `null as a Bool is no value, as in all other types, where Foundation calls it a mismatch`() {
        #expect(own(Bool.self, "null") == .absent(path: []))
        #expect(own([Bool].self, "[true,null]") == .absent(path: ["Index 1"]))
    }

    @Test func `a whole number is exact however it is written`() {
        // By way of a Double, as Foundation goes, the last digit is lost.
        #expect(own(Int.self, "9007199254740993.0") == .value(9_007_199_254_740_993))
        #expect(own(UInt64.self, "1844674407370955161.5e1") == .value(.max))
        #expect(own(UInt64.self, "1844674407370955161.6e1") == .corrupted(path: []))
        #expect(own(Int64.self, "-9.223372036854775808e18") == .value(.min))
        #expect(own(Int128.self, "-170141183460469231731687303715884105728") == .value(.min))
        #expect(own(UInt128.self, "340282366920938463463374607431768211455") == .value(.max))
        #expect(own(UInt128.self, "340282366920938463463374607431768211456") == .corrupted(path: []))
        #expect(own(Int.self, "0e99999999999999999999") == .value(0))
        #expect(own(Int.self, "1e99999999999999999999") == .corrupted(path: []))
        #expect(own(Int.self, "1e-99999999999999999999") == .corrupted(path: []))
        #expect(own(Int.self, "10000000000000000000000000000e-28") == .value(1))
    }

    @Test(arguments: 0..<200)
    func `random floating-point numbers are exact`(seed: Int) throws {
        var random = SplitMix(state: UInt64(seed))
        for _ in 0..<50 {
            let double = Double(bitPattern: random.next())
            let float = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
            let whole = Double(random.next() >> UInt64.random(in: 0..<64, using: &random))
            let digits = Int64(random.next() >> 24)
            let texts = [
                "\(double)", "\(whole)", "\(float)", "\(digits)e\(Int.random(in: -30...30, using: &random))",
                "\(digits % 1_000).\(digits % 100_000)", "-0.\(digits)e\(Int.random(in: -9...9, using: &random))",
            ]
            for text in texts where !text.contains("n") {
                let read = try JSONPayloadDecoder().decode(Double.self, from: Array(text.utf8))
                #expect(read.bitPattern == Double(text)?.bitPattern, "\(text)")
                guard let expected = Float(text), expected.isFinite else { continue }
                let short = try JSONPayloadDecoder().decode(Float.self, from: Array(text.utf8))
                #expect(short.bitPattern == expected.bitPattern, "\(text)")
            }
        }
    }

    @Test func `a Decimal keeps its digits`() throws {
        for text in ["12345678901234567890.0123456789", "0.1", "-5", "1e3", "-1.5e-10", "0"] {
            expectSame(Decimal.self, text)
        }
        expectSame([Decimal].self, #"["1"]"#)
        #expect(own(Decimal.self, "1e400") == .corrupted(path: []))
        expectSame(Decimal.self, "null")
    }

    @Test func `nothing times a power of ten is nothing, which Foundation refuses`() {
        #expect(own(Double.self, "0e5") == .value(0))
        #expect(own(Float.self, "-0E-5") == .value(0))
        #expect(own(Int.self, "0e5") == .value(0))
    }
}
