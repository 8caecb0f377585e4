import Foundation
import SampleTesting
import Testing

@testable import bookshop

@Suite struct SalesReaderTests {
    @Test(arguments: Quirk.wellFormed + Quirk.malformed)
    func `a row is read, or reported, for itself: the next one is not touched`(_ quirk: Quirk) throws {
        for chunkSize in [1, 7, 1 << 16] {
            let rows = try read("\(header)\n\(quirk.row)\n9,Z,Last,1,d,1,1,UK\n", chunkSize: chunkSize)
            #expect(rows.first == quirk.expected)
            let next = 3 + quirk.row.utf8.count { $0 == UInt8(ascii: "\n") }
            #expect(rows.dropFirst() == ["\(next): Z Last sold 1"])
        }
    }

    @Test(arguments: ["\r\n", "\n"])
    func `a byte order mark, carriage returns and a missing last line break do not matter`(_ end: String) throws {
        let text = "\u{FEFF}" + [header, "1,A,Book,3,d,2.5,7,UK", "", "2,B,,-1,d,,,"].joined(separator: end)
        #expect(try read(text) == ["2: A Book sold 3", "4: B  returned 1"])
    }

    @Test func `one broken quote does not swallow the quoted rows behind it`() throws {
        var lines = [header, #"1,A,"broken,3,d,2.5,7,UK"#]
        for _ in 0..<2_000 { lines.append(#"1,B,"good, really",3,d,2.5,7,UK"#) }
        lines.append(#"1,C,broken",3,d,2.5,7,"#)
        lines.append(#"1,D,fine,3,d,2.5,7,UK"#)
        let rows = try read(lines.joined(separator: "\n"))
        #expect(rows.first == "2! a quote is not closed")
        #expect(rows.filter { $0.hasSuffix("B good, really sold 3") }.count == 2_000)
        #expect(rows.suffix(2) == ["2003! a quote is not closed", "2004: D fine sold 3"])
    }

    @Test func `bytes that are no UTF-8 spoil a code but not a description`() throws {
        let latin1 = "\(header)\n1,A,café,3,d,,,\n1,Bé,,3,d,,,\n"
        let text = Data(latin1.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) })
        #expect(try read(text) == ["2: A caf\u{FFFD} sold 3", "3! the StockCode is not UTF-8"])
    }

    @Test func `a line longer than the limit is given up and the next one is read`() throws {
        let long = String(repeating: "x", count: LineReader.lengthLimit + 1)
        let rows = try read("\(header)\n1,A,\(long),3,d,,,\n1,A,\"open\n\(long)\n1,B,,3,d,,,\n")
        #expect(rows.map { $0.prefix(2) } == ["2!", "3!", "4!", "5:"])
    }

    @Test func `only the columns' names, in their order, make a header`() throws {
        let texts = [
            "", "\n", "a,b\n", header.lowercased(), "1,A,Book,3,d,2.5,7,UK", "\(header),", "\"\(header)",
            "\(header)\r1,A,,3,d,,,",
        ]
        for text in texts {
            try withFile(text) { file in
                #expect(throws: Complaint.self) { try SalesFile(path: file) }
            }
        }
    }
}

private let header = Sale.columns.joined(separator: ",")

private func read(_ text: String, chunkSize: Int = 1 << 16) throws -> [String] {
    try read(Data(text.utf8), chunkSize: chunkSize)
}

/// One text a row: `LINE: CODE DESCRIPTION sold N`, or `LINE! REASON`.
private func read(_ text: Data, chunkSize: Int = 1 << 16) throws -> [String] {
    try withFile(text) { path in
        var reader = SalesReader(try FileHandle(forReadingFrom: URL(filePath: path)), chunkSize: chunkSize)
        #expect(try reader.readHeader())
        var rows: [String] = []
        while let row = try reader.next() {
            switch row {
            case .malformed(let row): rows.append("\(row.line)! \(row.reason)")
            case .sale(let sale):
                let quantity =
                    switch sale.quantity {
                    case .sold(let copies): "sold \(copies)"
                    case .returned(let copies): "returned \(copies)"
                    }
                rows.append("\(sale.line): \(sale.article) \(sale.description) \(quantity)")
            }
        }
        return rows
    }
}
