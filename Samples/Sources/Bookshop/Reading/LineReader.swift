import Foundation

/// One line of a file, without its line feed.
struct Line {
    /// The first line has number 1.
    let number: Int
    var bytes: [UInt8] = []
    /// Whether bytes beyond ``LineReader/lengthLimit`` were left out.
    var isCut = false
}

/// Cuts a file into lines; no more of it is in memory than a line and a chunk.
struct LineReader {
    /// The most bytes of a line that are kept.
    static let lengthLimit = 1 << 20

    private let file: FileHandle
    private let chunkSize: Int
    private var chunk: ArraySlice<UInt8> = []
    private var lineCount = 0
    private var bytesRead = 0

    init(_ file: FileHandle, chunkSize: Int = 1 << 16) {
        self.file = file
        self.chunkSize = chunkSize
    }

    /// How many bytes of the file have been returned as lines.
    var offset: Int { bytesRead - chunk.count }

    /// The next line; nil at the end of the file.
    mutating func next() throws -> Line? {
        guard try !chunk.isEmpty || refill() else { return nil }
        lineCount += 1
        var line = Line(number: lineCount)
        repeat {
            let end = chunk.firstIndex(of: UInt8(ascii: "\n"))
            let piece = chunk[..<(end ?? chunk.endIndex)]
            line.isCut = line.isCut || line.bytes.count + piece.count > Self.lengthLimit
            if !line.isCut { line.bytes += piece }
            chunk = chunk.dropFirst(piece.count)
            if end != nil {
                chunk = chunk.dropFirst()
                break
            }
        } while try refill()
        return line
    }

    /// False at the end of the file.
    private mutating func refill() throws -> Bool {
        let data = try file.read(upToCount: chunkSize) ?? Data()
        bytesRead += data.count
        chunk = ArraySlice(data)
        return !data.isEmpty
    }
}
