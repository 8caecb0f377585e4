/// The settings that bodies have, in place of the ones that suit the store's own statements.
///
/// The store finds its tables only in its schema. Bodies also find what is in `public`; for that the store's own statements
/// would have to trust everyone who may create functions there. And plans of bodies may be made as the server sees fit.
enum LentSettings {
    /// The schemas in which a body's unqualified names are looked up.
    static func searchPath(_ schema: String) -> String { "\"\(schema)\", public, pg_temp" }

    /// Sets them for the rest of the transaction.
    static func take(_ schema: String) -> String {
        """
        SET LOCAL search_path TO \(searchPath(schema)); SET LOCAL plan_cache_mode TO auto;
        SET LOCAL enable_seqscan TO on; SET LOCAL enable_bitmapscan TO on
        """
    }

    /// Sets the store's own again, for another call in the same transaction.
    static func giveBack(_ schema: String) -> String {
        """
        SET LOCAL search_path TO "\(schema)", pg_catalog, pg_temp; SET LOCAL plan_cache_mode TO force_generic_plan;
        SET LOCAL enable_seqscan TO off; SET LOCAL enable_bitmapscan TO off
        """
    }

    /// Sets them behind what a statement does, as columns of its result; a parameter is the search path.
    static func columns(searchPath parameter: Int) -> String {
        """
        set_config('search_path', $\(parameter), true), set_config('plan_cache_mode', 'auto', true),
        set_config('enable_seqscan', 'on', true), set_config('enable_bitmapscan', 'on', true)
        """
    }
}
