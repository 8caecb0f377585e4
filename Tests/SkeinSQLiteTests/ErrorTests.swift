import GRDB
import Skein
import Testing

@testable import SkeinSQLite

@Suite struct ErrorTests {
    @Test(arguments: [
        (ResultCode.SQLITE_BUSY, EventStoreError.Code.transient), (.SQLITE_LOCKED, .transient), (.SQLITE_FULL, .full),
        (.SQLITE_READONLY, .readOnly), (.SQLITE_CORRUPT, .corrupt), (.SQLITE_NOTADB, .corrupt),
        (.SQLITE_CANTOPEN, .unreachable), (.SQLITE_PERM, .permission), (.SQLITE_AUTH, .permission),
        (.SQLITE_BUSY_SNAPSHOT, .transient), (.SQLITE_IOERR_FSYNC, .transient), (.SQLITE_IOERR_CORRUPTFS, .corrupt),
    ])
    func `SQLite's codes have their classes`(code: ResultCode, expected: EventStoreError.Code) {
        #expect(EventStoreError(sqlite: DatabaseError(resultCode: code)).code == expected)
    }

    @Test func `a disk that fails during the commit leaves the outcome unknown, a full one does not`() {
        let failed = DatabaseError(resultCode: .SQLITE_IOERR_FSYNC)
        #expect(EventStoreError(sqlite: failed, during: .committing).code == .outcomeUnknown)
        let full = DatabaseError(resultCode: .SQLITE_FULL)
        #expect(EventStoreError(sqlite: full, during: .committing).code == .full)
    }

    @Test func `the writer waits for the disk, and says so when it is asked`() throws {
        for (synchronous, level) in [(SQLiteConfiguration.Synchronous.full, 2), (.normal, 1)] {
            let database = try TestDatabase()
            var configuration = SQLiteConfiguration()
            configuration.synchronous = synchronous
            let writer = try SQLiteConnection.writer(path: database.path, configuration: configuration)
            #expect(try writer.perform { try writer.setting("synchronous") } == level)
            #expect(try writer.perform { try writer.setting("foreign_keys") } == 1)
            writer.close()
        }
    }

    @Test func `metadata that the store does not write is not read`() {
        let wrong = [
            "", "{", "{}", "[]", "{\"a\"}", "{\"a\":\"b\"", "{\"a\":\"b\"}x", "{\"a\":\"\\u12\"}", "{\"a\":\"\\",
        ]
        for text in wrong { #expect(MetadataText.decode(text) == nil, "\(text)") }
        let entries = ["a": "b", "\u{1F}\"": "\\\n\u{7F}é"]
        #expect(MetadataText.encode(entries).flatMap(MetadataText.decode) == entries)
        #expect(MetadataText.encode([:]) == nil)
    }
}
