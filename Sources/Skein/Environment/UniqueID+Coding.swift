#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension UniqueID {
    /// Creates an id with the bits of a UUID.
    public init(_ uuid: UUID) {
        self.init(bytes: unsafe withUnsafeBytes(of: uuid.uuid) { unsafe Array($0) })
    }

    /// The same bits as a UUID.
    public var uuid: UUID {
        let bytes = self.bytes
        return UUID(
            uuid: (
                bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7],
                bytes[8], bytes[9], bytes[10], bytes[11], bytes[12], bytes[13], bytes[14], bytes[15]
            )
        )
    }

    /// The sixteen bytes, most significant first, as stores keep them.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(16)
        for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: high >> shift)) }
        for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: low >> shift)) }
        return bytes
    }

    /// Reads sixteen bytes, most significant first; missing bytes count as zero, further ones are ignored.
    public init(bytes: some Sequence<UInt8>) {
        var high: UInt64 = 0
        var low: UInt64 = 0
        var count = 0
        for byte in bytes.prefix(16) {
            if count < 8 { high = high << 8 | UInt64(byte) } else { low = low << 8 | UInt64(byte) }
            count += 1
        }
        if count < 8 { high <<= UInt64(8 * (8 - count)) }
        if (9..<16).contains(count) { low <<= UInt64(8 * (16 - count)) }
        self.init(high: high, low: low)
    }
}

extension UniqueID: LosslessStringConvertible {
    /// Reads the 36-character form of a UUID, in upper or lower case; nil for anything else.
    public init?(_ description: String) {
        var digits: [UInt64] = []
        digits.reserveCapacity(32)
        var index = 0
        for byte in description.utf8 {
            defer { index += 1 }
            if index == 8 || index == 13 || index == 18 || index == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard let digit = Self.value(ofHexDigit: byte), digits.count < 32 else { return nil }
            digits.append(digit)
        }
        guard digits.count == 32, index == 36 else { return nil }
        self.init(
            high: digits[..<16].reduce(0) { $0 << 4 | $1 },
            low: digits[16...].reduce(0) { $0 << 4 | $1 }
        )
    }

    /// The 36-character lower-case form of a UUID.
    public var description: String {
        unsafe String(unsafeUninitializedCapacity: 36) { buffer in
            var index = 0
            for (word, shifts) in [(high, 60), (low, 60)] {
                for shift in stride(from: shifts, through: 0, by: -4) {
                    if index == 8 || index == 13 || index == 18 || index == 23 {
                        unsafe buffer[index] = UInt8(ascii: "-")
                        index += 1
                    }
                    let digit = UInt8(truncatingIfNeeded: word >> UInt64(shift)) & 0xF
                    unsafe buffer[index] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
                    index += 1
                }
            }
            return index
        }
    }

    private static func value(ofHexDigit byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A")) + 10
        default: nil
        }
    }
}

extension UniqueID: Codable {
    /// Reads the 36-character form.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let id = Self(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "This is not a UUID.")
        }
        self = id
    }

    /// Writes the 36-character form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
