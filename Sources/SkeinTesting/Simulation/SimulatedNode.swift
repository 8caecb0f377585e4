import Logging
import Skein
import Synchronization

/// A simulated process: it is started, may crash, and is started anew, with nothing but the store left to it.
public final class SimulatedNode<Service: Sendable>: Sendable {
    private struct State {
        var life: SimulatedLife<Service>?
        var pastLives: [SimulatedLife<Service>] = []
        var lives = 0
    }

    /// The node's name.
    public let name: String

    let world: SimulatedWorld
    private let make: @Sendable (SimulatedHost) throws -> Service
    private let run: @Sendable (Service) async throws -> Void
    private let seed: UInt64
    private let state = Mutex(State())

    init(
        _ name: String,
        _ world: SimulatedWorld,
        seed: UInt64,
        make: @escaping @Sendable (SimulatedHost) throws -> Service,
        run: @escaping @Sendable (Service) async throws -> Void
    ) {
        self.name = name
        self.world = world
        self.seed = seed
        self.make = make
        self.run = run
    }

    /// Whether the process is up.
    public var isUp: Bool { state.withLock { $0.life != nil } }

    /// The present life's service; nil if the process is down. What it does must be done in ``perform(_:)``.
    public var service: Service? { state.withLock { $0.life?.service } }

    /// Starts the process, unless it is up.
    public func start() throws {
        guard !isUp else { return }
        let number = state.withLock { state in
            state.lives += 1
            return state.lives
        }
        let executor = SimulatedExecutor(world.scheduler)
        let time = SimulatedTime(world.scheduler, executor: executor.key)
        let name = "\(name).\(number)"
        let store = SimulatedStore(world, executor: executor.key, name: name)
        let lifeSeed = SeededRandom.mix(seed &+ UInt64(number))
        let random = Mutex(SeededRandom(seed: lifeSeed))
        var configuration = BusConfiguration()
        configuration.environment = RuntimeEnvironment(
            time: time,
            identifiers: TimeOrderedIdentifiers(seed: SeededRandom.mix(lifeSeed)),
            random: { random.withLock { $0.next() } }
        )
        let trace = world.trace
        configuration.logger = Logger(label: name) { _ in
            guard trace.isOn else { return SwiftLogNoOpLogHandler() }
            return TraceLogHandler(node: name, trace: trace)
        }
        let host = SimulatedHost(
            name: name,
            store: store,
            configuration: configuration,
            world: world,
            executor: executor.key
        )
        let life = SimulatedLife(host, try make(host), executor, time, store)
        state.withLock { $0.life = life }
        world.history.note("start", at: name)
        trace.note(name, "starts")
        life.start { [run, world] service in
            do {
                try await run(service)
            } catch is CancellationError {
            } catch {
                world.fail("\(name) ended with \(error)")
            }
        }
    }

    /// Stops the process at once, in the midst of whatever it does.
    public func crash() {
        let life = state.withLock { state -> SimulatedLife<Service>? in
            guard let life = state.life else { return nil }
            state.life = nil
            state.pastLives.append(life)
            return life
        }
        guard let life else { return }
        world.history.note("crash", at: life.host.name)
        world.trace.note(life.host.name, "crashes")
        life.crash()
    }

    /// Stops the process in the midst of whatever it does, as `SIGSTOP` would, and lets it go on after a time as if nothing
    /// had happened. A process that is down stays down.
    public func hold(for duration: Duration) {
        guard let life = state.withLock({ $0.life }) else { return }
        world.history.note("held for \(duration)", at: life.host.name)
        world.trace.note(life.host.name, "is held for \(duration)")
        life.hold(for: duration)
    }

    /// Does something in the process and returns what it gives. Throws ``SimulatedCrash`` if the process crashes first.
    public func perform<Value: Sendable>(
        _ operation: @escaping @Sendable (Service) async throws -> Value
    ) async throws -> Value {
        guard let life = state.withLock({ $0.life }) else { throw SimulatedCrash(node: name) }
        return try await life.perform(operation)
    }
}

extension SimulatedNode: SimulatedProcess {
    var isOver: Bool {
        state.withLock { state in state.pastLives.allSatisfy(\.isOver) && state.life?.isOver ?? true }
    }

    func bury() {
        let lives = state.withLock { state in state.pastLives + (state.life.map { [$0] } ?? []) }
        for life in lives { life.bury() }
    }

    func jump(by duration: Duration) {
        state.withLock { $0.life }?.time.jump(by: duration)
    }

    /// The present life's name.
    var presentName: String { state.withLock { $0.life?.host.name } ?? name }
}

/// What a world does to its nodes, whatever they run.
protocol SimulatedProcess: Sendable {
    var isUp: Bool { get }
    var isOver: Bool { get }
    func start() throws
    func crash()
    func bury()
    func jump(by duration: Duration)
    /// Waits until all work that goes on by itself is done; for after the faults have ended.
    func drain() async throws
}
