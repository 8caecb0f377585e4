import Skein

/// The account services: which are right, and which a checker must catch.
enum AccountControl: String, CaseIterable, Sendable {
    case bus, ledger
    case reentrant, writeBehind, swallowing, impatient, cancelling, forgettingUnknown, stubborn, stale, hasty
    case passivating, shortMemory, selfAssured

    var isRight: Bool { self == .bus || self == .ledger }

    /// A service of this kind; several on one store are several processes.
    func make(_ store: any EventStore) -> any AccountService {
        switch self {
        case .bus: RealAccounts(bus: CommandBus(store: store))
        case .ledger: AccountLedger(store)
        case .reentrant: ReentrantAccounts(store)
        case .writeBehind: WriteBehindAccounts(store)
        case .swallowing: SwallowingAccounts(store)
        case .impatient: ImpatientAccounts(store)
        case .cancelling: CancellingAccounts(store)
        case .forgettingUnknown: ForgettingUnknownAccounts(store)
        case .stubborn: StubbornAccounts(store)
        case .stale: StaleAccounts(store)
        case .hasty: HastyAccounts(store)
        case .passivating: PassivatingAccounts(store)
        case .shortMemory: ShortMemoryAccounts(store)
        case .selfAssured: SelfAssuredAccounts(store)
        }
    }
}
