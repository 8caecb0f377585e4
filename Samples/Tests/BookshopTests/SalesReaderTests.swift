import Foundation
import Testing

@testable import bookshop

@Suite struct SalesReaderTests {
    /// A row, and what the reader makes of it.
    struct Quirk: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let row: String
        let expected: String

        init(_ name: String, _ row: String, _ expected: String) {
            testDescription = name
            self.row = row
            self.expected = expected
        }
    }

    static let wellFormed = [
        Quirk("a plain row", "1,A,Book,3,d,2.5,7,UK", "2: A Book sold 3"),
        Quirk("a negative quantity is a return", "C1,A,Book,-3,d,2.5,7,UK", "2: A Book returned 3"),
        Quirk("quotes, doubled quotes and a comma", #"1,A,"FRAME 7"" SINGLE, RED",3,d,2.5,7,UK"#, #"2: A FRAME 7" SINGLE, RED sold 3"#),
        Quirk("a line break in quotes", "1,A,\"Moby-Dick\nor the Whale\",3,d,2.5,7,UK", "2: A Moby-Dick or the Whale sold 3"),
        Quirk("a quoted code and quantity", #""1","A","Book","3","d","2.5","7","UK""#, "2: A Book sold 3"),
        Quirk("no description, price or customer", "1,A,,3,d,,,UK", "2: A  sold 3"),
        Quirk("an empty last column", "1,A,Book,3,d,2.5,7,", "2: A Book sold 3"),
        Quirk("a price below zero", "1,A,Book,3,d,-11062.06,7,UK", "2: A Book sold 3"),
        Quirk("an odd code", "1,gift_0001_20,Book,3,d,2.5,7,UK", "2: gift_0001_20 Book sold 3"),
        Quirk("a code that is SQL", "1,'; DROP TABLE events;--,Book,3,d,2.5,7,UK", "2: '; DROP TABLE events;-- Book sold 3"),
        Quirk("spaces around fields", "1, A , Book , 3 ,d,2.5,7,UK", "2: A Book sold 3"),
        Quirk("an accent right after a comma", "1,A,\u{301}e,3,d,2.5,7,UK", "2: A \u{301}e sold 3"),
        Quirk("a Unicode line break that is none in CSV", "1,A,x\u{2028}y,3,d,2.5,7,UK", "2: A x\u{2028}y sold 3"),
        Quirk("an escape sequence in a description", "1,A,\u{1B}[31mred,3,d,2.5,7,UK", "2: A [31mred sold 3"),
        Quirk("a code of 255 bytes", "1,\(String(repeating: "x", count: 255)),,3,d,,,UK", "2: \(String(repeating: "x", count: 255))  sold 3"),
        Quirk("the largest quantity", "1,A,,2147483647,d,,,UK", "2: A  sold 2147483647"),
        Quirk("the largest return", "1,A,,-2147483648,d,,,UK", "2: A  returned 2147483648"),
    ]

    static let malformed = [
        Quirk("a quantity of zero", "1,A,Book,0,d,2.5,7,UK", "2! the Quantity is 0"),
        Quirk("a quantity that is a word", "1,A,Book,three,d,2.5,7,UK", "2! the Quantity is not a whole number, or too large"),
        Quirk("a quantity with a fraction", "1,A,Book,3.5,d,2.5,7,UK", "2! the Quantity is not a whole number, or too large"),
        Quirk("no quantity", "1,A,Book,,d,2.5,7,UK", "2! the Quantity is not a whole number, or too large"),
        Quirk("a quantity that overflows", "1,A,Book,99999999999999999999,d,2.5,7,UK", "2! the Quantity is not a whole number, or too large"),
        Quirk("no code", "1, ,Book,3,d,2.5,7,UK", "2! the StockCode is missing"),
        Quirk("too few columns", "1,A,Book,3,d,2.5,7", "2! it has 7 columns, not 8"),
        Quirk("too many columns", "1,A,Book,3,d,2.5,7,UK,", "2! it has 9 columns, not 8"),
        Quirk("a quote inside a field", #"1,A,FRAME 7" SINGLE "RED,3,d,2.5,7,UK"#, "2! its quotes are broken"),
        Quirk("text after a closing quote", #"1,A,"Book"s,3,d,2.5,7,UK"#, "2! its quotes are broken"),
        Quirk("a quote that never closes", #"1,A,"Book,3,d,2.5,7,UK"#, "2! a quote is not closed"),
        Quirk("a quote in the last column that never closes", #"1,A,Book,3,d,2.5,7,"UK"#, "2! a quote is not closed"),
        Quirk("a code of 300 bytes", "1,\(String(repeating: "x", count: 300)),,3,d,,,UK",
            "2! the StockCode cannot be an article's id: it has 300 UTF-8 bytes, at most 255 are allowed"),
        Quirk("a control character in a code", "1,A\u{7}B,,3,d,,,UK",
            "2! the StockCode cannot be an article's id: it has a control character at byte 1"),
    ]

    @Test(arguments: wellFormed + malformed)
    func `a row's quirks touch neither the row before nor the row after`(_ quirk: Quirk) throws {
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
        let text = Data("\(header)\n1,A,caf".utf8) + [0xE9] + Data(",3,d,,,\n1,B".utf8) + [0xE9] + Data(",,3,d,,,\n".utf8)
        #expect(try read(text) == ["2: A caf\u{FFFD} sold 3", "3! the StockCode is not UTF-8"])
    }

    @Test func `a line longer than the limit is given up and the next one is read`() throws {
        let long = String(repeating: "x", count: LineReader.lengthLimit + 1)
        let rows = try read("\(header)\n1,A,\(long),3,d,,,\n1,A,\"open\n\(long)\n1,B,,3,d,,,\n")
        #expect(rows.map { $0.prefix(2) } == ["2!", "3!", "4!", "5:"])
    }

    @Test func `only the columns' names, in their order, make a header`() throws {
        for text in ["", "\n", "a,b\n", header.lowercased(), "1,A,Book,3,d,2.5,7,UK", String(header.dropLast(8)), "\"\(header)"] {
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
                let quantity = switch sale.quantity {
                case .sold(let copies): "sold \(copies)"
                case .returned(let copies): "returned \(copies)"
                }
                rows.append("\(sale.line): \(sale.article) \(sale.description) \(quantity)")
            }
        }
        return rows
    }
}
