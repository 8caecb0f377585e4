import Skein

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Finds out what is wrong with a path before SQLite, which tells less about it.
///
/// An existing database is never opened here: closing it again would drop the locks that other SQLite connections of this
/// process hold on it.
enum DatabaseFile {
    /// Makes sure that there is a file which a store could be in, and returns its path without symbolic links.
    static func prepare(_ path: String) throws(EventStoreError) -> String {
        try validate(path)
        var status = stat()
        if stat(path, &status) == 0 {
            try check(status, at: path)
        } else if errno == ENOENT {
            try create(path)
        } else {
            throw error(errno, at: path)
        }
        guard let resolved = realpath(path, nil) else { throw error(errno, at: path) }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private static func validate(_ path: String) throws(EventStoreError) {
        let reason: String
        if path.isEmpty {
            reason = "it is empty"
        } else if path.utf8.contains(0) {
            reason = "it holds U+0000"
        } else if path == ":memory:" {
            reason = "a database in memory would not last; take InMemoryEventStore"
        } else {
            return
        }
        throw EventStoreError(InvalidInput(field: "path", reason: reason))
    }

    private static func check(_ status: stat, at path: String) throws(EventStoreError) {
        let kind = status.st_mode & S_IFMT
        if kind == S_IFDIR {
            throw EventStoreError(.unreachable, "\(path) is a directory; give the path of a file in it")
        }
        guard kind == S_IFREG else { throw EventStoreError(.unreachable, "\(path) is not a regular file") }
        guard access(path, R_OK) == 0 else { throw error(errno, at: path) }
        // The superuser may write files without a write bit; who took the bits away did not want that.
        guard status.st_mode & 0o222 != 0, access(path, W_OK) == 0 else {
            throw EventStoreError(.readOnly, "\(path) is read-only; a store has to write it")
        }
        // An empty file is a new database; anything shorter than SQLite's header is none.
        guard status.st_size == 0 || status.st_size >= 100 else {
            throw EventStoreError(.corrupt, "\(path) is not an SQLite database")
        }
    }

    private static func create(_ path: String) throws(EventStoreError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor >= 0 {
            close(descriptor)
        } else if errno != EEXIST {
            throw error(errno, at: path)
        }
    }

    static func error(_ code: CInt, at path: String) -> EventStoreError {
        let reason = String(cString: strerror(code))
        return switch code {
        case ENOENT, ENOTDIR: EventStoreError(.unreachable, "the folder of \(path) does not exist")
        case EACCES, EPERM: EventStoreError(.permission, "\(path) may not be used: \(reason)")
        case EROFS: EventStoreError(.readOnly, "\(path) is on a read-only volume")
        case ENOSPC, EDQUOT: EventStoreError(.full, "there is no room for \(path)")
        default: EventStoreError(.unreachable, "\(path) cannot be reached: \(reason)")
        }
    }
}
