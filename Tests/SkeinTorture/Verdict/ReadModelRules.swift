/// What must have no rows, of the tables that follow from the events.
enum ReadModelRules {
    static func all(withEntries: Bool) -> [(key: String, value: String)] {
        withEntries ? [totals, entries] : [totals]
    }

    private static let totals = (
        key: "the projection's table follows from the events",
        value: differences(
            "SELECT account, count(*), max(position), sum(amount)::bigint FROM \(events) AS e GROUP BY account",
            "SELECT account, events, last, amount FROM skein.totals"
        )
    )

    private static let entries = (
        key: "the rows that were written inside appends are the events",
        value: differences(
            "SELECT position, account, version, amount FROM \(events) AS e",
            "SELECT position, account, version, amount FROM public.entries"
        )
    )

    private static let events = """
        (SELECT position, aggregate_id AS account, version,
                coalesce(event ->> 'amount', event ->> 'balance')::bigint AS amount
         FROM (SELECT *, convert_from(payload, 'UTF8')::json AS event FROM skein.events) AS read)
        """

    /// The rows that are in one and not in the other, also if it is only one time more.
    private static func differences(_ one: String, _ other: String) -> String {
        """
        (SELECT 'missing', d.* FROM ((\(one)) EXCEPT ALL (\(other))) AS d)
        UNION ALL (SELECT 'too much', d.* FROM ((\(other)) EXCEPT ALL (\(one))) AS d)
        """
    }
}
