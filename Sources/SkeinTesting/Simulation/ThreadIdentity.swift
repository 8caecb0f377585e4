#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Tells whether two calls come from the same thread.
struct ThreadIdentity: Equatable, Sendable {
    private let bits: UInt

    /// The calling thread's identity.
    static var current: ThreadIdentity {
        #if canImport(Glibc)
            ThreadIdentity(bits: UInt(pthread_self()))
        #else
            ThreadIdentity(bits: UInt(bitPattern: pthread_self()))
        #endif
    }
}
