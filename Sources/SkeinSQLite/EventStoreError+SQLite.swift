import GRDB
import Skein

/// What SQLite was doing when it failed.
enum SQLiteStep {
    case opening, running, committing
}

extension EventStoreError {
    /// Puts an error of SQLite into its class; an error that is in one already stays as it is.
    init(sqlite error: any Error, during step: SQLiteStep = .running) {
        if let error = error as? EventStoreError {
            self = error
            return
        }
        if let spoilt = error as? SpoiltTransaction {
            self = spoilt.error
            return
        }
        guard let error = error as? DatabaseError else {
            self.init(.unreachable, "the database could not be used", cause: error)
            return
        }
        let (code, message) = Self.classify(error, during: step)
        self.init(code, message, cause: error)
    }

    private static func classify(_ error: DatabaseError, during step: SQLiteStep) -> (Code, String) {
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_PROTOCOL:
            (.transient, "another program holds the database's lock")
        case .SQLITE_NOMEM, .SQLITE_INTERRUPT, .SQLITE_SCHEMA, .SQLITE_ABORT:
            (.transient, "SQLite gave up for now")
        case .SQLITE_FULL:
            (.full, "the disk is full, or the database has reached its maximum page count")
        case .SQLITE_IOERR where error.extendedResultCode == .SQLITE_IOERR_CORRUPTFS:
            (.corrupt, "the file system found the database damaged")
        case .SQLITE_IOERR where step == .committing:
            (.outcomeUnknown, "the disk failed during the commit")
        case .SQLITE_IOERR:
            (.transient, "the disk failed before the commit")
        case .SQLITE_READONLY:
            (.readOnly, "the database cannot be written")
        case .SQLITE_CORRUPT:
            (.corrupt, "the database is damaged")
        case .SQLITE_NOTADB, .SQLITE_FORMAT:
            (.corrupt, "the file is not an SQLite database")
        case .SQLITE_CANTOPEN:
            (.unreachable, "the database's file cannot be opened")
        case .SQLITE_PERM, .SQLITE_AUTH:
            (.permission, "the database may not be used")
        case .SQLITE_TOOBIG:
            (
                .invalidInput(InvalidInput(field: "size", reason: "SQLite keeps no value this large")),
                "a value is too large"
            )
        case .SQLITE_CONSTRAINT where error.extendedResultCode == .SQLITE_CONSTRAINT_TRIGGER:
            (.permission, "a trigger in the database refused the write")
        case .SQLITE_ERROR where error.message?.hasPrefix("no such table: skein_") ?? false:
            (.notMigrated, "the schema is missing; migrate() creates it")
        default:
            (.corrupt, "the database is not as the store left it")
        }
    }
}
