import Dispatch
import Skein
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Keeps a second host, in this process or another, away from a database.
///
/// It is a lock on a file beside the database, which the kernel frees when the process ends, however it ends. The file
/// holds the host's process id and stays when the lock is gone: deleting it would let two hosts lock two files.
final class HostLock: Sendable {
    private let path: String
    private let descriptor: Mutex<CInt?>

    /// Locks of this process that are about to be freed, so that who comes next waits instead of failing.
    private static let releasing = Mutex<[String: DispatchGroup]>([:])

    /// Takes the lock, or throws `inUse`. May wait for a store of this process that is just letting go.
    init(database: String) throws(EventStoreError) {
        path = database + "-host"
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw DatabaseFile.error(errno, at: path) }
        guard Self.lock(file, at: path) else {
            let holder = Self.processID(in: file)
            close(file)
            throw EventStoreError(
                .inUse(processID: holder),
                "\(database) is held by the store of process \(holder); a database has one host at a time"
            )
        }
        let text = Array("\(getpid())\n".utf8)
        if ftruncate(file, 0) != 0 || pwrite(file, text, text.count, 0) != text.count {
            let code = errno
            close(file)
            throw DatabaseFile.error(code, at: path)
        }
        descriptor = Mutex(file)
    }

    deinit { release() }

    /// Announces that the lock is freed soon.
    func willRelease() {
        descriptor.withLock { descriptor in
            // A lock that is free already may be another store's by now.
            guard descriptor != nil else { return }
            let group = DispatchGroup()
            group.enter()
            Self.releasing.withLock { $0[path] = group }
        }
    }

    /// Frees the lock. May be called again.
    func release() {
        let file = descriptor.withLock { descriptor in
            defer { descriptor = nil }
            return descriptor
        }
        guard let file else { return }
        // Who is refused later must not be told the id of a process that has gone.
        _ = ftruncate(file, 0)
        close(file)
        Self.releasing.withLock { $0.removeValue(forKey: path) }?.leave()
    }

    private static func lock(_ file: CInt, at path: String) -> Bool {
        while flock(file, LOCK_EX | LOCK_NB) != 0 {
            guard let group = releasing.withLock({ $0[path] }) else {
                // It may have been freed between the two looks.
                return flock(file, LOCK_EX | LOCK_NB) == 0
            }
            group.wait()
        }
        return true
    }

    private static func processID(in file: CInt) -> Int32 {
        var bytes = [UInt8](repeating: 0, count: 16)
        // The holder writes its id right after it has got the lock.
        for _ in 0..<100 {
            let count = pread(file, &bytes, bytes.count, 0)
            let digits = bytes.prefix(max(0, count)).prefix { $0 != UInt8(ascii: "\n") }
            if let id = Int32(String(decoding: digits, as: UTF8.self)) { return id }
            usleep(1_000)
        }
        return 0
    }
}
