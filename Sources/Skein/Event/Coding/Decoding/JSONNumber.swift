/// A number as it is written, which has been found to be one.
struct JSONNumber {
    private let token: ArraySlice<UInt8>
    private let isPlain: Bool

    /// - Parameter isPlain: Whether it is known to have neither fraction nor exponent.
    init(_ token: ArraySlice<UInt8>, isPlain: Bool = false) {
        self.token = token
        self.isPlain = isPlain
    }

    var text: String { String(decoding: token, as: UTF8.self) }

    private var isNegative: Bool { token.first == UInt8(ascii: "-") }

    // MARK: Integers

    /// The number if it is whole and fits, however it is written: `1.5e1` is 15.
    func integer<I: FixedWidthInteger>(_ type: I.Type) -> I? {
        guard isPlain, token.count <= 18 else { return exactInteger(type) }
        var value: Int64 = 0
        for byte in token where byte != UInt8(ascii: "-") {
            value = value &* 10 &+ Int64(byte &- UInt8(ascii: "0"))
        }
        return I(exactly: isNegative ? 0 - value : value)
    }

    private func exactInteger<I: FixedWidthInteger>(_ type: I.Type) -> I? {
        var (digits, exponent) = decimal
        while digits.last == 0 {
            digits.removeLast()
            exponent += 1
        }
        guard !digits.isEmpty else { return 0 }
        // More digits than the largest integer has.
        guard exponent >= 0, digits.count + exponent <= 40 else { return nil }
        digits += Array(repeating: 0, count: exponent)
        let isNegative = isNegative
        var value: I = 0
        for digit in digits {
            let (product, isTooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflows) =
                isNegative
                ? product.subtractingReportingOverflow(I(digit)) : product.addingReportingOverflow(I(digit))
            guard !isTooLarge, !overflows else { return nil }
            value = sum
        }
        return value
    }

    /// All digits without leading zeros, and the power of ten that the last of them counts.
    private var decimal: (digits: [UInt8], exponent: Int) {
        var digits: [UInt8] = []
        var exponent = 0
        var isFraction = false
        var rest = isNegative ? token.dropFirst() : token
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "."): isFraction = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"): return (digits, exponent + Self.power(rest))
            default:
                let digit = byte - UInt8(ascii: "0")
                if !digits.isEmpty || digit != 0 { digits.append(digit) }
                if isFraction { exponent -= 1 }
            }
        }
        return (digits, exponent)
    }

    /// The number behind the `e`. Beyond what any count of digits can make up for it does not grow.
    private static func power(_ text: ArraySlice<UInt8>) -> Int {
        var power = 0
        for byte in text where byte >= UInt8(ascii: "0") {
            power = min(power * 10 + Int(byte - UInt8(ascii: "0")), 1 << 40)
        }
        return text.first == UInt8(ascii: "-") ? -power : power
    }

    // MARK: Floating-point numbers

    /// The nearest Double; nil if it would be infinite.
    var double: Double? {
        if let (mantissa, exponent) = short, mantissa <= 1 << 53, -22...22 ~= exponent {
            // Both are exact, so that one rounding makes it the nearest.
            let power = Self.powers[abs(exponent)]
            let value = exponent < 0 ? Double(mantissa) / power : Double(mantissa) * power
            return isNegative ? -value : value
        }
        guard let value = Double(text), value.isFinite else { return nil }
        return value
    }

    /// The nearest Float; nil if it would be infinite.
    var float: Float? {
        if let (mantissa, exponent) = short, mantissa <= 1 << 24, -10...10 ~= exponent {
            let power = Float(Self.powers[abs(exponent)])
            let value = exponent < 0 ? Float(mantissa) / power : Float(mantissa) * power
            return isNegative ? -value : value
        }
        guard let value = Float(text), value.isFinite else { return nil }
        return value
    }

    /// The number as a whole one and a power of ten; nil if it has more than 18 digits.
    private var short: (mantissa: Int64, exponent: Int)? {
        guard token.count <= 24 else { return nil }
        var mantissa: Int64 = 0
        var exponent = 0
        var isFraction = false
        for index in token.indices {
            let byte = token[index]
            switch byte {
            case UInt8(ascii: "-"): continue
            case UInt8(ascii: "."): isFraction = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                return (mantissa, exponent + Self.power(token[(index + 1)...]))
            default:
                guard mantissa < 100_000_000_000_000_000 else { return nil }
                mantissa = mantissa * 10 + Int64(byte - UInt8(ascii: "0"))
                if isFraction { exponent -= 1 }
            }
        }
        return (mantissa, exponent)
    }

    private static let powers: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]
}
