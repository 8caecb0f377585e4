import Testing

/// A row after the header, and what the reader makes of it: `LINE: CODE DESCRIPTION sold N`, or `LINE! REASON`.
struct Quirk: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let row: String
    let expected: String

    private init(_ name: String, _ row: String, _ expected: String) {
        testDescription = name
        self.row = row
        self.expected = expected
    }

    private static let longCode = String(repeating: "x", count: 255)
    private static let noNumber = "2! the Quantity is not a whole number, or too large"

    static let wellFormed = [
        Quirk("a plain row", "1,A,Book,3,d,2.5,7,UK", "2: A Book sold 3"),
        Quirk("a negative quantity is a return", "C1,A,Book,-3,d,2.5,7,UK", "2: A Book returned 3"),
        Quirk(
            "doubled quotes and a comma",
            #"1,A,"FRAME 7"" WIDE, RED",3,d,2.5,7,UK"#,
            #"2: A FRAME 7" WIDE, RED sold 3"#
        ),
        Quirk("a line break in quotes", "1,A,\"Moby-Dick\nor so\",3,d,2.5,7,UK", "2: A Moby-Dick or so sold 3"),
        Quirk("only quoted fields", #""1","A","Book","3","d","2.5","7","UK""#, "2: A Book sold 3"),
        Quirk("no description, price or customer", "1,A,,3,d,,,UK", "2: A  sold 3"),
        Quirk("an empty last column", "1,A,Book,3,d,2.5,7,", "2: A Book sold 3"),
        Quirk("a price below zero", "1,A,Book,3,d,-11062.06,7,UK", "2: A Book sold 3"),
        Quirk("an odd code", "1,gift_0001_20,Book,3,d,2.5,7,UK", "2: gift_0001_20 Book sold 3"),
        Quirk("a code that is SQL", "1,'; DROP TABLE events;--,,3,d,,,UK", "2: '; DROP TABLE events;--  sold 3"),
        Quirk("spaces around fields", "1, A , Book , 3 ,d,2.5,7,UK", "2: A Book sold 3"),
        Quirk("an accent right after a comma", "1,A,\u{301}e,3,d,2.5,7,UK", "2: A \u{301}e sold 3"),
        Quirk("a line break of Unicode alone", "1,A,x\u{2028}y,3,d,2.5,7,UK", "2: A x\u{2028}y sold 3"),
        Quirk("letters of several bytes", "1,Å1,Åse à 日本 🏴󠁧󠁢󠁥󠁮󠁧󠁿,3,d,,,UK", "2: Å1 Åse à 日本 🏴󠁧󠁢󠁥󠁮󠁧󠁿 sold 3"),
        Quirk("a carriage return in quotes", "1,A,\"x\r\ny\rz\",3,d,,,UK", "2: A x  y z sold 3"),
        Quirk("an escape sequence", "1,A,\u{1B}[31mred,3,d,2.5,7,UK", "2: A [31mred sold 3"),
        Quirk("a code of 255 bytes", "1,\(longCode),,3,d,,,UK", "2: \(longCode)  sold 3"),
        Quirk("the largest quantity", "1,A,,2147483647,d,,,UK", "2: A  sold 2147483647"),
        Quirk("the largest return", "1,A,,-2147483648,d,,,UK", "2: A  returned 2147483648"),
    ]

    static let malformed = [
        Quirk("a quantity of zero", "1,A,Book,0,d,2.5,7,UK", "2! the Quantity is 0"),
        Quirk("a quantity that is a word", "1,A,Book,three,d,2.5,7,UK", noNumber),
        Quirk("a quantity with a fraction", "1,A,Book,3.5,d,2.5,7,UK", noNumber),
        Quirk("a quantity that overflows", "1,A,Book,99999999999999999999,d,2.5,7,UK", noNumber),
        Quirk("no quantity", "1,A,Book,,d,2.5,7,UK", noNumber),
        Quirk("no code", "1, ,Book,3,d,2.5,7,UK", "2! the StockCode is missing"),
        Quirk("too few columns", "1,A,Book,3,d,2.5,7", "2! it has 7 columns, not 8"),
        Quirk("too many columns", "1,A,Book,3,d,2.5,7,UK,", "2! it has 9 columns, not 8"),
        Quirk("a carriage return", "1,A,Bo\rok,3,d,,,UK", "2! it has a carriage return outside of quotes"),
        Quirk("quotes inside a field", #"1,A,FRAME 7" "RED,3,d,2.5,7,UK"#, "2! its quotes are broken"),
        Quirk("text after a closing quote", #"1,A,"Book"s,3,d,2.5,7,UK"#, "2! its quotes are broken"),
        Quirk("an open quote", #"1,A,"Book,3,d,2.5,7,UK"#, "2! a quote is not closed"),
        Quirk("an open quote in the last column", #"1,A,Book,3,d,2.5,7,"UK"#, "2! a quote is not closed"),
        Quirk(
            "a code of 300 bytes",
            "1,\(longCode)\(longCode.prefix(45)),,3,d,,,UK",
            "2! the StockCode cannot be an article's id: it has 300 UTF-8 bytes, at most 255 are allowed"
        ),
        Quirk(
            "a control character in a code",
            "1,A\u{7}B,,3,d,,,UK",
            "2! the StockCode cannot be an article's id: it has a control character at byte 1"
        ),
    ]
}
