import GRDBSQLite

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Decides what statements may do on a connection while it is lent; SQLite asks when it prepares one.
///
/// It stays in place once it was needed: a change of the authorizer would have every statement prepared anew.
final class StatementGuard {
    /// Whose statements are prepared.
    enum Scope {
        case store, reader, transaction
    }

    private typealias Name = UnsafePointer<CChar>
    private typealias Answer =
        @convention(c) (UnsafeMutableRawPointer?, Int32, Name?, Name?, Name?, Name?) -> Int32

    var scope = Scope.store
    /// Why the last statement was refused; nil if it was not.
    private(set) var refusal: String?
    private var isInstalled = false

    /// The guard must live as long as the connection is used.
    func install(on connection: OpaquePointer?) {
        guard !isInstalled else { return }
        isInstalled = true
        let answer: Answer = { context, action, first, second, _, _ in
            guard let context else { return SQLITE_OK }
            let found = Unmanaged<StatementGuard>.fromOpaque(context).takeUnretainedValue()
            return found.judge(action, first, second)
        }
        sqlite3_set_authorizer(connection, answer, Unmanaged.passUnretained(self).toOpaque())
    }

    func forgetRefusal() {
        refusal = nil
    }

    private func judge(_ action: Int32, _ first: Name?, _ second: Name?) -> Int32 {
        guard scope != .store, let reason = objection(to: action, first, second) else { return SQLITE_OK }
        refusal = reason
        return SQLITE_DENY
    }

    private func objection(
        to action: Int32,
        _ first: Name?,
        _ second: Name?
    ) -> String? {
        switch action {
        case SQLITE_SELECT, SQLITE_READ, SQLITE_FUNCTION, SQLITE_RECURSIVE: return nil
        case SQLITE_TRANSACTION, SQLITE_SAVEPOINT:
            return "the transaction is the store's: it can be neither ended nor nested with SQL"
        case SQLITE_ATTACH, SQLITE_DETACH: return "databases are neither attached nor detached here"
        // Full-text search asks for these two.
        case SQLITE_PRAGMA where second == nil && Self.isOne(of: ["data_version", "page_size"], first): return nil
        case SQLITE_PRAGMA: return "settings are neither read nor changed here"
        // So SQLite makes a virtual table known, such as one for full-text search; who writes it in SQL is refused anyway.
        case SQLITE_UPDATE where Self.isOne(of: ["sqlite_master"], first): return nil
        case _ where scope == .reader: return "nothing can be written here"
        case SQLITE_CREATE_TEMP_TABLE, SQLITE_CREATE_TEMP_VIEW, SQLITE_CREATE_TEMP_TRIGGER, SQLITE_CREATE_TEMP_INDEX:
            return "what is temporary would outlive the transaction on the store's connection"
        // With the table in the second place.
        case SQLITE_ALTER_TABLE, SQLITE_CREATE_INDEX, SQLITE_DROP_INDEX, SQLITE_CREATE_TRIGGER, SQLITE_DROP_TRIGGER:
            return Self.isOwn(first) || Self.isOwn(second) ? Self.own : nil
        default: return Self.isOwn(first) ? Self.own : nil
        }
    }

    private static let own = "what is named skein_… is written by the store only"

    private static func isOwn(_ name: Name?) -> Bool {
        guard let name else { return false }
        return strncasecmp(name, "skein_", 6) == 0
    }

    private static func isOne(of names: [String], _ name: Name?) -> Bool {
        guard let name else { return false }
        return names.contains { strcasecmp($0, name) == 0 }
    }
}
