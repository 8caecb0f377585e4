extension JSONScanner {
    // MARK: Numbers

    mutating func number() throws(JSONSyntaxError) {
        let start = position
        var isPlain = true
        if byte == UInt8(ascii: "-") { position += 1 }
        if byte == UInt8(ascii: "0") {
            position += 1
        } else {
            try digits()
        }
        if byte == UInt8(ascii: ".") {
            isPlain = false
            position += 1
            try digits()
        }
        if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
            isPlain = false
            position += 1
            if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { position += 1 }
            try digits()
        }
        add(.number, from: start, isPlain: isPlain)
    }

    private var isDigit: Bool { byte &- UInt8(ascii: "0") < 10 }

    private mutating func digits() throws(JSONSyntaxError) {
        guard isDigit else { throw error("a digit is expected") }
        repeat { position += 1 } while isDigit
    }

    // MARK: Texts

    mutating func text(_ kind: JSONNode.Kind) throws(JSONSyntaxError) {
        position += 1
        let start = position
        var isPlain = true
        var bits: UInt8 = 0
        while byte != UInt8(ascii: "\"") {
            if byte == UInt8(ascii: "\\") {
                isPlain = false
                try escape()
            } else {
                guard byte >= 0x20 else { throw error("a control character is not escaped") }
                bits |= byte
                position += 1
            }
        }
        if bits >= 0x80 { try checkUTF8(from: start) }
        add(kind, from: start, isPlain: isPlain)
        position += 1
    }

    private mutating func checkUTF8(from start: Int) throws(JSONSyntaxError) {
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: bytes.span.extracting(start..<position))
        } catch {
            position = start + error.byteOffsets.lowerBound
            throw self.error("a text is not UTF-8")
        }
    }

    private mutating func escape() throws(JSONSyntaxError) {
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 1
        case UInt8(ascii: "u"):
            switch try codeUnit() {
            case 0xD800..<0xDC00:
                guard byte == UInt8(ascii: "\\") else { throw error("half of a surrogate pair is missing") }
                position += 1
                guard byte == UInt8(ascii: "u"), try 0xDC00..<0xE000 ~= codeUnit() else {
                    throw error("half of a surrogate pair is missing")
                }
            case 0xDC00..<0xE000: throw error("half of a surrogate pair is missing")
            default: break
            }
        default: throw error("an escape is unknown")
        }
    }

    /// The four digits behind the `u` of an escape.
    private mutating func codeUnit() throws(JSONSyntaxError) -> UInt16 {
        position += 1
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = byte.hexadecimalValue else { throw error("an escape lacks a digit") }
            unit = unit << 4 | UInt16(digit)
            position += 1
        }
        return unit
    }
}

extension UInt8 {
    /// The value of a hexadecimal digit; nil for any other character.
    var hexadecimalValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
