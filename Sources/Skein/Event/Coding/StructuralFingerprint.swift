/// A hash of what a value consists of, the same in every process and run, for telling a repeated command from another one.
///
/// An `Encodable` value counts by its JSON, in which the order of keys, sets and dictionaries plays no part. Any other value
/// counts by its case, its labels and its children, each by the same rule, and an object that is not `Encodable` by the name
/// of its class alone. The name of the value's own type plays no part.
@usableFromInline
package struct StructuralFingerprint {
    private static let depthLimit = 64

    /// The value's hash, never 0.
    @usableFromInline
    package static func of(_ value: Any) -> UInt64 {
        let hash = hash(of: value, depth: 0)
        return hash == 0 ? 1 : hash
    }

    private static func hash(of value: Any, depth: Int) -> UInt64 {
        var hasher = FNVHasher()
        if let encodable = value as? any Encodable, let json = try? JSONPayloadEncoder.canonical(encodable) {
            hasher.combine(.json, json)
            return hasher.finished
        }
        let mirror = Mirror(reflecting: value)
        if mirror.displayStyle == .class || depth >= depthLimit {
            hasher.combine(.type, String(describing: type(of: value)).utf8)
            return hasher.finished
        }
        switch mirror.displayStyle {
        case .set, .dictionary:
            // A sum does not depend on the order; each element's hash is well mixed.
            let hashes = mirror.children.map { self.hash(of: $0.value, depth: depth + 1) }
            hasher.combine(.unordered, hashes.reduce(UInt64(hashes.count), &+))
        default:
            guard !mirror.children.isEmpty else {
                hasher.combine(.text, leaf(value, mirror).utf8)
                break
            }
            for child in mirror.children {
                hasher.combine(.label, (child.label ?? "").utf8)
                hasher.combine(.child, self.hash(of: child.value, depth: depth + 1))
            }
        }
        return hasher.finished
    }

    /// What tells a value without children from others: the case, the text, or nothing for an empty struct or collection.
    private static func leaf(_ value: Any, _ mirror: Mirror) -> String {
        switch mirror.displayStyle {
        case .struct, .tuple, .collection, .optional: ""
        default: String(describing: value)
        }
    }
}

/// FNV-1a over 64 bits, with a last step that spreads every bit over the whole.
private struct FNVHasher {
    /// What comes next, so that a text and a number with the same bytes differ.
    enum Part: UInt8 {
        case json = 1
        case type, unordered, label, child, text
    }

    private var state: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func combine(_ part: Part, _ bytes: some Collection<UInt8>) {
        combine(part, UInt64(bytes.count))
        for byte in bytes { combine(byte) }
    }

    mutating func combine(_ part: Part, _ number: UInt64) {
        combine(part.rawValue)
        for shift in stride(from: UInt64(0), to: 64, by: 8) { combine(UInt8(truncatingIfNeeded: number >> shift)) }
    }

    private mutating func combine(_ byte: UInt8) {
        state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
    }

    var finished: UInt64 {
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
