public import Skein

/// Tells ``ReadModelConformance`` how a kind of store keeps a table of accounts and their balances.
public struct BalanceTable<Store: TransactionalEventStore>: Sendable where Store.Transaction: ReadModelTransaction {
    /// Makes a table of a name.
    public typealias Make = @Sendable (_ table: String, Store.Transaction) throws -> Void
    /// Adds an amount to an account of a table.
    public typealias Add = @Sendable (Int, _ account: String, _ table: String, Store.Transaction) throws -> Void
    /// Removes an account from a table.
    public typealias Remove = @Sendable (_ account: String, _ table: String, Store.Transaction) throws -> Void
    /// Reads all accounts of a table as a user's reader does.
    public typealias Read = @Sendable (Store, _ table: String, @escaping @Sendable () -> Void) async throws -> Accounts
    /// Tells which tables there are.
    public typealias Names = @Sendable (Store, _ prefix: String) async throws -> [String]
    /// What is in a table: each account's balance.
    public typealias Accounts = [String: Int]

    let make: Make
    let add: Add
    let remove: Remove
    let read: Read
    let names: Names
    let isRefusal: @Sendable (any Error) -> Bool

    /// Describes the table.
    ///
    /// - Parameters:
    ///   - make: Makes an empty table of a name. The database must refuse a balance of 1,000 and more.
    ///   - add: Adds to an account's balance, which is 0 if the account is not there.
    ///   - remove: Removes an account.
    ///   - read: Reads what readers see under a name. After the read has begun, and before it looks at the table, it calls the
    ///     closure, which may block its thread for some seconds.
    ///   - names: The names of the tables that begin with a text and end with a number, in order.
    ///   - isRefusal: Whether an error is what the database says of a balance of 1,000 and more.
    public init(
        make: @escaping Make,
        add: @escaping Add,
        remove: @escaping Remove,
        read: @escaping Read,
        names: @escaping Names,
        isRefusal: @escaping @Sendable (any Error) -> Bool
    ) {
        self.make = make
        self.add = add
        self.remove = remove
        self.read = read
        self.names = names
        self.isRefusal = isRefusal
    }

    /// What readers see of a table.
    package func read(_ table: String = "balances", in store: Store) async throws -> Accounts {
        try await read(store, table) {}
    }
}
