/// A value that is one JSON token.
protocol JSONScalar {
    /// Appends the token, or returns false when JSON, or a store, has no way to hold the value.
    func append(to bytes: inout [UInt8]) -> Bool
}

struct JSONNull: JSONScalar {
    func append(to bytes: inout [UInt8]) -> Bool {
        bytes.append(contentsOf: "null".utf8)
        return true
    }
}

extension Bool: JSONScalar {
    func append(to bytes: inout [UInt8]) -> Bool {
        bytes.append(contentsOf: (self ? "true" : "false").utf8)
        return true
    }
}

extension FixedWidthInteger {
    func append(to bytes: inout [UInt8]) -> Bool {
        if self < 0 { bytes.append(UInt8(ascii: "-")) }
        if let small = UInt64(exactly: magnitude) {
            bytes.append(decimal: small)
        } else {
            bytes.append(contentsOf: String(magnitude).utf8)
        }
        return true
    }
}

extension Int: JSONScalar {}
extension Int8: JSONScalar {}
extension Int16: JSONScalar {}
extension Int32: JSONScalar {}
extension Int64: JSONScalar {}
extension Int128: JSONScalar {}
extension UInt: JSONScalar {}
extension UInt8: JSONScalar {}
extension UInt16: JSONScalar {}
extension UInt32: JSONScalar {}
extension UInt64: JSONScalar {}
extension UInt128: JSONScalar {}

extension Double: JSONScalar {
    func append(to bytes: inout [UInt8]) -> Bool {
        guard isFinite else { return false }
        // Below 2^53 a whole number's shortest form is its digits.
        if magnitude < 9_007_199_254_740_992, let whole = Int64(exactly: self), whole != 0 {
            return whole.append(to: &bytes)
        }
        bytes.append(number: description)
        return true
    }
}

extension Float: JSONScalar {
    func append(to bytes: inout [UInt8]) -> Bool {
        guard isFinite else { return false }
        bytes.append(number: description)
        return true
    }
}

extension String: JSONScalar {
    func append(to bytes: inout [UInt8]) -> Bool {
        bytes.append(UInt8(ascii: "\""))
        let text = utf8Span.span
        // Without a branch in the loop it is done for many bytes at once.
        var special: UInt8 = 0
        for index in text.indices {
            let byte = text[index]
            special |= byte < 0x20 ? 1 : 0
            special |= byte == UInt8(ascii: "\"") ? 1 : 0
            special |= byte == UInt8(ascii: "\\") ? 1 : 0
        }
        if special == 0 {
            bytes.append(contentsOf: utf8)
        } else {
            for index in text.indices {
                guard bytes.append(escaping: text[index]) else { return false }
            }
        }
        bytes.append(UInt8(ascii: "\""))
        return true
    }
}

extension [UInt8] {
    fileprivate mutating func append(decimal number: UInt64) {
        guard number > 9 else { return append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number)) }
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var first = 20
        var rest = number
        repeat {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            first -= 1
            digits[first] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit)
            rest = quotient
        } while rest > 0
        for index in first..<20 { append(digits[index]) }
    }

    /// Appends a floating-point number's description without the `.0` of a whole one.
    fileprivate mutating func append(number description: String) {
        append(contentsOf: description.utf8)
        if self[count - 1] == UInt8(ascii: "0"), self[count - 2] == UInt8(ascii: ".") { removeLast(2) }
    }

    fileprivate mutating func append(escaping byte: UInt8) -> Bool {
        switch byte {
        case 0: return false
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): append(contentsOf: [UInt8(ascii: "\\"), byte])
        case 0x08: append(contentsOf: "\\b".utf8)
        case 0x09: append(contentsOf: "\\t".utf8)
        case 0x0A: append(contentsOf: "\\n".utf8)
        case 0x0C: append(contentsOf: "\\f".utf8)
        case 0x0D: append(contentsOf: "\\r".utf8)
        case 0x01..<0x20:
            append(contentsOf: byte < 0x10 ? "\\u000".utf8 : "\\u001".utf8)
            append(contentsOf: String(byte & 0x0F, radix: 16).utf8)
        default: append(byte)
        }
        return true
    }
}
