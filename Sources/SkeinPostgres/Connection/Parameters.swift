import Skein

/// A statement's parameters in PostgreSQL's binary format, all in one piece of memory.
struct Parameters: Sendable {
    private(set) var bytes: [UInt8] = []
    /// Where each parameter begins; nil for NULL.
    private(set) var offsets: [Int?] = []
    private(set) var lengths: [Int32] = []

    /// Forgets the values and keeps the memory.
    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        offsets.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
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
            return
        }
        add(value)
    }

    /// Adds an array, whose elements may be NULL, of `count` elements at most.
    mutating func addArray<Value: BinaryParameter>(of type: Value.Type, _ fill: (inout ArrayWriter<Value>) -> Void) {
        begin()
        var writer = ArrayWriter<Value>(bytes: &bytes)
        fill(&writer)
        writer.finish(&bytes)
        end()
    }

    mutating func addArray<Value: BinaryParameter>(_ values: some Sequence<Value>) {
        addArray(of: Value.self) { writer in
            for value in values { writer.append(value) }
        }
    }

    private mutating func begin() {
        offsets.append(bytes.count)
    }

    private mutating func end() {
        guard let start = offsets.last ?? nil else { return }
        lengths.append(Int32(clamping: bytes.count - start))
    }
}

/// Writes the elements of an array: a header, then each with its length before it.
struct ArrayWriter<Value: BinaryParameter>: ~Copyable {
    private var bytes: [UInt8]
    private let start: Int
    private var count: Int32 = 0
    private var hasNulls = false

    /// Takes the memory over, until ``finish(_:)`` gives it back.
    fileprivate init(bytes: inout [UInt8]) {
        start = bytes.count
        self.bytes = []
        swap(&self.bytes, &bytes)
        // Dimensions, whether there are NULLs, the elements' type, how many there are, the first one's index.
        for number in [1, 0, Int32(bitPattern: Value.oid), 0, 1] as [Int32] { number.write(to: &self.bytes) }
    }

    mutating func append(_ value: Value) {
        count += 1
        let place = bytes.count
        Int32(0).write(to: &bytes)
        value.write(to: &bytes)
        bytes.overwrite(Int32(clamping: bytes.count - place - 4), at: place)
    }

    mutating func append(_ value: Value?) {
        if let value { return append(value) }
        count += 1
        hasNulls = true
        Int32(-1).write(to: &bytes)
    }

    fileprivate consuming func finish(_ target: inout [UInt8]) {
        bytes.overwrite(hasNulls ? 1 : 0, at: start + 4)
        bytes.overwrite(count, at: start + 12)
        swap(&bytes, &target)
    }
}

extension [UInt8] {
    fileprivate mutating func overwrite(_ value: Int32, at place: Int) {
        withUnsafeMutableBytes { $0.storeBytes(of: value.bigEndian, toByteOffset: place, as: Int32.self) }
    }
}
