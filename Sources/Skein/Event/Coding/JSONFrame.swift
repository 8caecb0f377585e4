/// A value that is being written: what is known of it so far and where its bytes are.
struct JSONFrame {
    enum Kind {
        /// Nothing has been asked of its encoder yet.
        case undecided
        case object, array, scalar
    }

    /// How a value is reached from the one around it.
    enum Step {
        case none
        case key(String)
        case index(Int)
    }

    let serial: Int
    /// The frame around it, and the frame that was the innermost open one before it. They differ for a late write only.
    let parent, below: Int
    let step: Step
    /// Opened by `nestedContainer` or `nestedUnkeyedContainer`.
    let isNested: Bool

    var kind = Kind.undecided
    var isClosed = false
    /// Arrays and objects around the value, and `encode(to:)` calls.
    var depth, calls: Int
    var count = 0
    /// The first byte, and the last one once it is closed.
    var start: Int
    var last = 0

    /// One bit for each key, by its hash: most new keys are known to be new without a search.
    var keyBits: UInt64 = 0
}

/// Names a frame for as long as it exists, and no later one that sits at the same index.
struct JSONFrameID {
    static let none = JSONFrameID(index: 0, serial: -1)
    /// The outermost value's: the first one that a document makes.
    static let root = JSONFrameID(index: 0, serial: 1)

    var index: Int
    var serial: Int
}

/// A key of a coding path.
struct JSONPathKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(stringValue: String) {
        self.stringValue = stringValue
        intValue = nil
    }

    init(intValue: Int) {
        stringValue = "Index \(intValue)"
        self.intValue = intValue
    }

    init?(_ step: JSONFrame.Step) {
        switch step {
        case .none: return nil
        case .key(let key): self.init(stringValue: key)
        case .index(let index): self.init(intValue: index)
        }
    }
}
