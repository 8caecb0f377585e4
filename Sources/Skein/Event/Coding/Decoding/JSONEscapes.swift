/// The escapes of a text that has been scanned.
enum JSONEscapes {
    /// The text that bytes with escapes stand for.
    static func text(_ escaped: ArraySlice<UInt8>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(escaped.count)
        var rest = escaped
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let letter = rest.popFirst() else {
                text.append(byte)
                continue
            }
            switch letter {
            case UInt8(ascii: "b"): text.append(0x08)
            case UInt8(ascii: "f"): text.append(0x0C)
            case UInt8(ascii: "n"): text.append(0x0A)
            case UInt8(ascii: "r"): text.append(0x0D)
            case UInt8(ascii: "t"): text.append(0x09)
            case UInt8(ascii: "u"): text.append(contentsOf: String(scalar(&rest)).utf8)
            default: text.append(letter)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func scalar(_ rest: inout ArraySlice<UInt8>) -> Unicode.Scalar {
        var code = codeUnit(&rest)
        if 0xD800..<0xDC00 ~= code {
            rest = rest.dropFirst(2)
            code = 0x1_0000 + (code - 0xD800) << 10 + (codeUnit(&rest) & 0x3FF)
        }
        return Unicode.Scalar(code) ?? "\u{FFFD}"
    }

    private static func codeUnit(_ rest: inout ArraySlice<UInt8>) -> UInt32 {
        defer { rest = rest.dropFirst(4) }
        return rest.prefix(4).reduce(0) { unit, digit in unit << 4 | UInt32(digit.hexadecimalValue ?? 0) }
    }
}
