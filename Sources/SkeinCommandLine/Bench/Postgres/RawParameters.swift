import Skein

/// Parameters in PostgreSQL's binary form, as short as they can be written.
struct RawParameters {
    private var bytes: [UInt8] = []
    private var offsets: [Int] = []

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        offsets.removeAll(keepingCapacity: true)
    }

    mutating func add(_ number: Int64) {
        add { $0.append(bigEndian: number) }
    }

    /// Adds a value that the closure writes.
    mutating func add(_ write: (inout [UInt8]) -> Void) {
        offsets.append(bytes.count)
        write(&bytes)
    }

    /// Adds an array of a type, given by its number in the catalogue; the closure writes the element at an index.
    mutating func addArray(_ type: Int32, count: Int, _ element: (Int, inout [UInt8]) -> Void) {
        offsets.append(bytes.count)
        for number in [1, 0, type, Int32(count), 1] { bytes.append(bigEndian: number) }
        for index in 0..<count {
            let place = bytes.count
            bytes.append(bigEndian: Int32(0))
            element(index, &bytes)
            let length = Int32(bytes.count - place - 4)
            bytes.withUnsafeMutableBytes { $0.storeBytes(of: length.bigEndian, toByteOffset: place, as: Int32.self) }
        }
    }

    func withPointers<Result>(
        _ body: ([UnsafePointer<CChar>?], [Int32], [Int32]) -> Result
    ) -> Result {
        bytes.withUnsafeBytes { bytes in
            let ends = offsets.dropFirst() + [bytes.count]
            let lengths = zip(offsets, ends).map { Int32($1 - $0) }
            let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
            return body(offsets.map { offset in start.map { $0 + offset } }, lengths, offsets.map { _ in 1 })
        }
    }
}

extension [UInt8] {
    mutating func append(bigEndian number: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: number.bigEndian) { append(contentsOf: $0) }
    }

    mutating func append<Kind>(_ id: UniqueID<Kind>) {
        append(bigEndian: id.high)
        append(bigEndian: id.low)
    }
}
