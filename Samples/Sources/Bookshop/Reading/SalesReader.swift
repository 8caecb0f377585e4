import Foundation

/// What a file of sales has in one place.
enum SalesRow {
    case sale(Sale)
    case malformed(MalformedRow)
}

/// Reads a file of sales row by row.
///
/// A record may go on over several lines inside quotes. But one quote that is never closed must not swallow the rest of
/// the file: if such a record makes no row, only its first line is given up, and the next line begins a new record.
struct SalesReader {
    private var lines: LineReader
    /// Lines that were read and belong to no record yet.
    private var ahead: ArraySlice<Line> = []

    init(_ file: FileHandle, chunkSize: Int = 1 << 16) {
        lines = LineReader(file, chunkSize: chunkSize)
    }

    /// How many bytes of the file have been read.
    var offset: Int { lines.offset }

    /// The next row; nil at the end of the file. Empty lines are no rows.
    mutating func next() throws -> SalesRow? {
        while let record = try nextRecord() {
            guard record.fields != [[]] else { continue }
            guard record.fields.count == Sale.columns.count else {
                let problem = record.problem ?? "it has \(record.fields.count) columns, not \(Sale.columns.count)"
                return .malformed(MalformedRow(line: record.line, reason: problem))
            }
            do throws(MalformedRow) {
                return .sale(try Sale(line: record.line, fields: record.fields))
            } catch {
                return .malformed(error)
            }
        }
        return nil
    }

    /// Reads the first line; false if it does not name the columns.
    mutating func readHeader() throws -> Bool {
        try nextRecord()?.fields.map { String(decoding: $0, as: UTF8.self).trimmed } == Sale.columns
    }

    private struct Record {
        let line: Int
        var fields: [[UInt8]] = []
        var problem: String?
    }

    private mutating func nextRecord() throws -> Record? {
        guard let first = try peek(0) else { return nil }
        var record = Record(line: first.number)
        var text = first.bytes
        var lineCount = 1
        var isOpen = first.hasOpenQuote
        while isOpen, text.count < LineReader.lengthLimit, let line = try peek(lineCount), !line.isCut {
            text += [UInt8(ascii: "\n")] + line.bytes
            lineCount += 1
            isOpen = isOpen != line.hasOpenQuote
        }
        if first.isCut {
            record.problem = "it has more than \(LineReader.lengthLimit) bytes"
        } else if isOpen {
            record.problem = "a quote is not closed"
        } else {
            do throws(CSVFields.Failure) {
                record.fields = try CSVFields.split(text.withoutCarriageReturn)
            } catch {
                record.problem = error.reason
            }
        }
        if record.fields.count != Sale.columns.count, lineCount > 1 {
            record = Record(line: first.number, problem: "a quote is not closed")
            lineCount = 1
        }
        ahead = ahead.dropFirst(lineCount)
        return record
    }

    private mutating func peek(_ index: Int) throws -> Line? {
        while ahead.count <= index {
            guard var line = try lines.next() else { return nil }
            if line.number == 1 { line.bytes = line.bytes.withoutByteOrderMark }
            ahead.append(line)
        }
        return ahead[ahead.startIndex + index]
    }
}

extension Line {
    /// An escaped quote is two quotes: an odd count means that the last one is open, or closes an earlier line's.
    fileprivate var hasOpenQuote: Bool {
        !bytes.count { $0 == UInt8(ascii: "\"") }.isMultiple(of: 2)
    }
}

extension [UInt8] {
    fileprivate var withoutCarriageReturn: ArraySlice<UInt8> {
        last == UInt8(ascii: "\r") ? dropLast() : self[...]
    }

    fileprivate var withoutByteOrderMark: [UInt8] {
        starts(with: [0xEF, 0xBB, 0xBF]) ? Array(dropFirst(3)) : self
    }
}
