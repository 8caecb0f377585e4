import Foundation

/// Bytes on their way in one direction of a connection, which may have to wait.
struct Lane {
    private var chunks: [(due: ContinuousClock.Instant, bytes: [UInt8])] = []
    private var sent = 0

    /// Whether nothing waits.
    var isEmpty: Bool { chunks.isEmpty }

    /// Whether so much waits that no more should be taken in.
    var isFull: Bool { chunks.count > 64 }

    /// When the first bytes may go.
    var due: ContinuousClock.Instant? { chunks.first?.due }

    mutating func add(_ bytes: [UInt8], due: ContinuousClock.Instant) {
        if !bytes.isEmpty { chunks.append((due, bytes)) }
    }

    /// Writes what is due; false if the connection is broken.
    mutating func flush(to socket: Int32, at now: ContinuousClock.Instant) -> Bool {
        while let chunk = chunks.first, chunk.due <= now {
            let count = chunk.bytes.withUnsafeBytes { buffer in
                send(socket, buffer.baseAddress?.advanced(by: sent), buffer.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count >= 0 else { return errno == EAGAIN || errno == EINTR }
            sent += count
            guard sent == chunk.bytes.count else { return true }
            chunks.removeFirst()
            sent = 0
        }
        return true
    }
}
