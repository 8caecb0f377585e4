/// PostgreSQL's `numeric` in its binary form: digits to the base 10,000.
struct BinaryDecimal {
    /// As PostgreSQL writes it: all its decimal places, or `NaN`, `Infinity` and `-Infinity`.
    let text: String

    /// The value, if it has no fraction and fits.
    var integer: Int64? {
        let parts = text.split(separator: ".", maxSplits: 1)
        guard let whole = parts.first, parts.dropFirst().allSatisfy({ $0.allSatisfy { $0 == "0" } }) else { return nil }
        return Int64(whole)
    }

    init?(_ bytes: ArraySlice<UInt8>) {
        var words: [UInt16] = []
        var index = bytes.startIndex
        while index + 1 < bytes.endIndex {
            words.append(UInt16(bytes[index]) << 8 | UInt16(bytes[index + 1]))
            index += 2
        }
        guard words.count >= 4, words.count == 4 + Int(words[0]) else { return nil }
        switch words[2] {
        case 0x0000, 0x4000: break
        case 0xC000:
            text = "NaN"
            return
        case 0xD000:
            text = "Infinity"
            return
        case 0xF000:
            text = "-Infinity"
            return
        default: return nil
        }
        let digits = words[4...].map(Int.init)
        let weight = Int(Int16(bitPattern: words[1]))
        let places = Int(words[3])
        func group(_ number: Int) -> String {
            let group = digits.indices.contains(number) ? String(digits[number]) : "0"
            return String(repeating: "0", count: max(0, 4 - group.count)) + group
        }
        var whole = weight < 0 ? "" : (0...weight).map(group).joined()
        whole = String(whole.drop { $0 == "0" })
        var fraction = ""
        var next = weight + 1
        while fraction.utf8.count < places {
            fraction += group(next)
            next += 1
        }
        let sign = words[2] == 0x4000 ? "-" : ""
        text = sign + (whole.isEmpty ? "0" : whole) + (places > 0 ? "." + fraction.prefix(places) : "")
    }
}
