import Foundation
import Skein

/// A file of sales that can be read, and what tells it from other files.
struct SalesFile: Sendable {
    let path: String
    let size: Int
    /// A hash of the content: under another name the file is the same, with one byte changed it is another.
    let id: CorrelationID

    /// Looks at the file. Throws a ``Complaint`` if it cannot be read or does not begin with the columns' names.
    init(path: String) throws {
        self.path = path
        let attributes = try? FileManager.default.attributesOfItem(atPath: path.resolvingSymbolicLinks)
        guard let attributes else { throw Complaint.input("there is no file \(path)") }
        guard attributes[.type] as? FileAttributeType == .typeRegular else {
            throw Complaint.input("\(path) is not a regular file")
        }
        size = (attributes[.size] as? NSNumber)?.intValue ?? 0
        let file = try Self.open(path)
        var reader = SalesReader(file)
        guard try reader.readHeader() else {
            let columns = Sale.columns.joined(separator: ",")
            throw Complaint.input("\(path) is no file of sales: its first line must be\n  \(columns)")
        }
        id = CorrelationID(high: try Self.hash(file), low: 0)
    }

    /// A reader that stands on the first row.
    func reader() throws -> SalesReader {
        var reader = SalesReader(try Self.open(path))
        _ = try reader.readHeader()
        return reader
    }

    /// A row's command has the same id whenever the same file is read: this is what makes reading it again harmless.
    func commandID(of sale: Sale) -> CommandID {
        CommandID(high: id.high, low: UInt64(sale.line))
    }

    private static func open(_ path: String) throws -> FileHandle {
        do {
            return try FileHandle(forReadingFrom: URL(filePath: path))
        } catch {
            throw Complaint.input("\(path) cannot be read: \(error.localizedDescription)")
        }
    }

    /// FNV-1a, which needs no library and is the same in every process, as Swift's own `Hasher` is not.
    private static func hash(_ file: FileHandle) throws -> UInt64 {
        try file.seek(toOffset: 0)
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        while let chunk = try file.read(upToCount: 1 << 16), !chunk.isEmpty {
            for byte in chunk { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        }
        return hash
    }
}

extension String {
    fileprivate var resolvingSymbolicLinks: String {
        URL(filePath: self).resolvingSymlinksInPath().path(percentEncoded: false)
    }
}
