/// A key or a value of a document that has been scanned.
///
/// Nodes stand in the order of the text: an object's or array's content follows it, and a member's value follows its key.
struct JSONNode {
    enum Kind: UInt8 {
        case object, array, key, string, number, truth, falsehood, null
    }

    let kind: Kind

    /// A text without escapes, a number without fraction and exponent.
    var isPlain = true

    /// The first byte of a text, quotes excluded, or of a number; negative for what is not in the bytes.
    var start: Int32

    /// How many bytes a text or number has, values an array, members an object.
    var count: Int32

    /// The node behind this one and all that it holds.
    var next: Int32
}

extension JSONNode.Kind {
    /// What it is called in an error.
    var name: String {
        switch self {
        case .object: "an object"
        case .array: "an array"
        case .key: "a key"
        case .string: "a string"
        case .number: "a number"
        case .truth, .falsehood: "a Bool"
        case .null: "null"
        }
    }
}
