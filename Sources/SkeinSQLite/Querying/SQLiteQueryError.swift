/// A statement of a user that did not work out, while the transaction goes on. Its text holds no argument's value.
public struct SQLiteQueryError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What can be wrong.
    public enum Code: Hashable, Sendable {
        /// SQLite does not understand the statement, or the tables and columns that it names are not there.
        case invalid

        /// A constraint of a table, or a trigger, has refused what the statement would have changed.
        case constraint

        /// The statement is none for this place, such as one that would end the store's transaction.
        case refused

        /// The statement takes another number of arguments, or the text another number of statements.
        case arguments

        /// The row has no such column.
        case unknownColumn

        /// The column holds a value of another kind.
        case wrongType
    }

    /// What was wrong.
    public let code: Code

    /// What was wrong in words; mostly SQLite's own.
    public let message: String

    /// SQLite's extended result code; 0 if the error is not SQLite's.
    public let resultCode: Int32

    init(_ code: Code, _ message: String, resultCode: Int32 = 0) {
        self.code = code
        self.message = message
        self.resultCode = resultCode
    }

    public var description: String { message }
}
