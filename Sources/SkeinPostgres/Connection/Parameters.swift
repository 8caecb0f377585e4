import Skein

/// A statement's parameters, mostly in PostgreSQL's binary format, all in one piece of memory.
struct Parameters: Sendable {
    private(set) var bytes: [UInt8] = []
    /// Where each parameter begins; nil for NULL.
    private(set) var offsets: [Int?] = []
    private(set) var lengths: [Int32] = []
    /// 1 for the binary format, 0 for text.
    private(set) var formats: [Int32] = []

    /// Forgets the values and keeps the memory.
    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        offsets.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        formats.removeAll(keepingCapacity: true)
    }

    mutating func add<Value: BinaryParameter>(_ value: Value) {
        begin()
        value.write(to: &bytes)
        end()
    }

    mutating func add<Value: BinaryParameter>(_ value: Value?) {
        guard let value else {
            offsets.append(nil)
            lengths.append(0)
            formats.append(1)
            return
        }
        add(value)
    }

    /// Adds an array, whose elements may be NULL.
    mutating func addArray<Value: BinaryParameter>(of type: Value.Type, _ fill: (inout ArrayWriter<Value>) -> Void) {
        var writer = ArrayWriter<Value>()
        fill(&writer)
        add(writer)
    }

    mutating func add<Value>(_ array: ArrayWriter<Value>) {
        begin()
        array.write(to: &bytes)
        end()
    }

    mutating func addArray<Value: BinaryParameter>(_ values: some Sequence<Value>) {
        addArray(of: Value.self) { writer in
            for value in values { writer.append(value) }
        }
    }

    /// Adds a text that the server reads as whatever type it expects there; it must not hold U+0000.
    mutating func addText(_ text: String) {
        begin(format: 0)
        bytes.append(contentsOf: text.utf8)
        bytes.append(0)
        end()
    }

    private mutating func begin(format: Int32 = 1) {
        offsets.append(bytes.count)
        formats.append(format)
    }

    private mutating func end() {
        guard let start = offsets.last ?? nil else { return }
        lengths.append(Int32(clamping: bytes.count - start))
    }
}

/// Collects the elements of an array, each with its length before it.
struct ArrayWriter<Value: BinaryParameter>: Sendable {
    private var elements: [UInt8] = []
    private var count: Int32 = 0
    private var hasNulls = false

    /// - Parameter capacity: How many bytes the elements will have, their lengths included, as far as that is known.
    init(capacity: Int = 0) {
        elements.reserveCapacity(capacity)
    }

    mutating func append(_ value: Value) {
        count += 1
        Int32(clamping: value.length).write(to: &elements)
        value.write(to: &elements)
    }

    mutating func append(_ value: Value?) {
        if let value { return append(value) }
        count += 1
        hasNulls = true
        Int32(-1).write(to: &elements)
    }

    fileprivate func write(to bytes: inout [UInt8]) {
        // Dimensions, whether there are NULLs, the elements' type, how many there are, the first one's index.
        let header: [Int32] = [1, hasNulls ? 1 : 0, Int32(bitPattern: Value.oid), count, 1]
        for number in header { number.write(to: &bytes) }
        bytes.append(contentsOf: elements)
    }
}
