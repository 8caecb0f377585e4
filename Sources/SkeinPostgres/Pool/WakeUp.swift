import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Wakes a thread that waits for a socket.
final class WakeUp: Sendable {
    private let readEnd: Int32
    private let writeEnd: Int32
    /// Whether a wake-up is on its way already.
    private let isSet = Atomic(false)

    init() throws(PostgresFailure) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw .lost("the process has too many open files") }
        (readEnd, writeEnd) = (ends[0], ends[1])
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
    }

    deinit {
        _ = close(readEnd)
        _ = close(writeEnd)
    }

    func signal() {
        guard !isSet.exchange(true, ordering: .acquiringAndReleasing) else { return }
        var byte: UInt8 = 1
        _ = write(writeEnd, &byte, 1)
    }

    /// Waits until a socket, if there is one, can be read, or for ``signal()``, at most for so many milliseconds.
    func wait(orFor socket: Int32?, milliseconds: Int32) {
        var entries = [pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)]
        if let socket { entries.append(pollfd(fd: socket, events: Int16(POLLIN), revents: 0)) }
        guard poll(&entries, nfds_t(entries.count), milliseconds) > 0, entries[0].revents != 0 else { return }
        var bytes = [UInt8](repeating: 0, count: 16)
        isSet.store(false, ordering: .releasing)
        _ = read(readEnd, &bytes, bytes.count)
    }
}
