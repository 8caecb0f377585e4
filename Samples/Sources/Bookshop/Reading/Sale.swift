import Skein

/// One well-formed row of a file of sales.
struct Sale: Sendable {
    /// The columns that a file of sales has, in this order.
    static let columns = [
        "InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country",
    ]

    /// The line on which the row begins.
    let line: Int
    let article: Article.ID
    let description: String
    let quantity: Quantity

    enum Quantity: Equatable {
        case sold(Int)
        case returned(Int)
    }

    /// What is asked of the article.
    var command: Article.Command {
        switch quantity {
        case .sold(let copies): .buy(copies: copies)
        case .returned(let copies): .return(copies: copies)
        }
    }
}

/// Why a row is no sale.
struct MalformedRow: Error, Equatable {
    /// The line on which the row begins.
    let line: Int
    let reason: String
}

extension Sale {
    /// Reads a row of as many fields as there are ``columns``. Spaces around a field do not count.
    ///
    /// Only what the shop needs is looked at: a row without description, price or customer is a sale like any other.
    init(line: Int, fields: [[UInt8]]) throws(MalformedRow) {
        self.line = line
        do throws(InvalidField) {
            article = try Self.article(fields[1])
            description = Self.description(fields[2])
            quantity = try Self.quantity(fields[3])
        } catch {
            throw MalformedRow(line: line, reason: error.reason)
        }
    }

    private struct InvalidField: Error {
        let reason: String
    }

    private static func article(_ field: [UInt8]) throws(InvalidField) -> Article.ID {
        guard let code = String(validating: field, as: UTF8.self) else {
            throw InvalidField(reason: "the StockCode is not UTF-8")
        }
        let article = Article.ID(code.trimmed)
        guard !article.value.isEmpty else { throw InvalidField(reason: "the StockCode is missing") }
        do throws(InvalidInput) {
            try article.stream.validate()
        } catch {
            throw InvalidField(reason: "the StockCode cannot be an article's id: \(error.reason)")
        }
        return article
    }

    private static func quantity(_ field: [UInt8]) throws(InvalidField) -> Quantity {
        let text = String(decoding: field, as: UTF8.self).trimmed
        guard let copies = Int32(text) else {
            throw InvalidField(reason: "the Quantity is not a whole number, or too large")
        }
        switch copies {
        case 0: throw InvalidField(reason: "the Quantity is 0")
        case 1...: return .sold(Int(copies))
        default: return .returned(-Int(copies))
        }
    }

    /// A text that can be stored and shown on any terminal.
    private static func description(_ field: [UInt8]) -> String {
        let text = String(decoding: field, as: UTF8.self)
        // What C calls control characters, and those of Latin-1.
        let printable = text.unicodeScalars.map { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) ? " " : $0 }
        return String(String.UnicodeScalarView(printable)).trimmed.prefix(200).description
    }
}

extension String {
    /// The text without the spaces around it.
    var trimmed: String {
        guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(self[first...last])
    }
}
