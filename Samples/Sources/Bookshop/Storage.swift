import Skein
import SkeinSQLite

/// Opens an event store, lets it be used, and closes it whatever happens. The one place that names a kind of store.
func withStore<Value>(at path: String, _ body: (any EventStore) async throws -> Value) async throws -> Value {
    let store: any EventStore
    do {
        store = try await SQLiteEventStore(path: path)
    } catch {
        throw Complaint.failure("the database \(path) cannot be opened: \(error.message)")
    }
    do {
        let value = try await body(store)
        await store.close()
        return value
    } catch {
        await store.close()
        throw error
    }
}
