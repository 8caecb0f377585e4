#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Waits for sockets on a thread that may block.
enum SocketWait {
    enum Event { case readable, writable }

    /// Waits for a socket; false if the deadline passes first.
    static func wait(for socket: Int32, to be: Event, until deadline: Deadline) -> Bool {
        var entry = pollfd(fd: socket, events: Int16(be == .readable ? POLLIN : POLLIN | POLLOUT), revents: 0)
        while true {
            let left = deadline.milliseconds
            let ready = poll(&entry, 1, left)
            if ready > 0 { return true }
            if ready == 0, left == 0 || deadline.hasPassed { return false }
            // Interrupted, or a deadline further away than one call can wait.
            if ready < 0, errno != EINTR { return true }
        }
    }

    /// Whether something, such as the other end's hanging up, can be read, now or before so long.
    static func isReadable(_ socket: Int32, within milliseconds: Int32 = 0) -> Bool {
        var entry = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, milliseconds) > 0
    }

    /// Holds the thread for a moment.
    static func pause(_ duration: Duration) {
        usleep(UInt32(clamping: duration.components.attoseconds / 1_000_000_000_000))
    }
}
