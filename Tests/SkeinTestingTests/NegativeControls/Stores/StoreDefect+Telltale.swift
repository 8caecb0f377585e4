extension StoreDefect {
    /// The case of the suite that is about the defect.
    var telltale: String {
        switch self {
        case .ignoresExpectedVersions:
            "expected versions: a version that the stream has left behind is a conflict"
        case .checksVersionsBeforeTheTransaction:
            "racing writers: of appends with the same expected version exactly one goes through"
        case .cachesVersionsPerHandle:
            "several handles: the expected version counts what the other has stored"
        case .dropsOneEventOfABatch, .swapsTheOrderInABatch:
            "appending: the events of an append get the versions 1, 2, 3 in their order"
        case .storesPartOfARefusedAppend:
            "event ids: an id that the stream has already is refused with the whole append"
        case .commitsEachCommandByItself:
            "known commands: one known command among new ones keeps the whole append out"
        case .failsAfterAConflict:
            "appending: an append that is refused does not make the next one fail"
        case .swallowsCommitErrors, .acknowledgesBeforeCommit:
            "appending: what was acknowledged is visible at once to every way of reading"
        case .losesTheLastAppendOnClosing, .reusesPositionsAfterReopening:
            "opening again: versions and positions go on where they ended"
        case .rollsBackWhenCancelled:
            "cancellation: the append of a cancelled task is stored and acknowledged all the same"
        case .storesHalfWhenCancelled:
            "cancellation: the append of a cancelled task is stored whole"
        case .storesRepeatedCommands:
            "known commands: a repeated append is answered with the first one's outcome and stores nothing"
        case .checksCommandsBeforeTheTransaction:
            "racing writers: a command that comes many times at once is stored once, and all hear the same"
        case .recordsCommandsOutsideTheTransaction:
            "known commands: a command that ended in a conflict is not known and may come again"
        case .forgetsAnswers:
            "answers: a rejection is kept with its bytes"
        case .keepsAnswersThatCannotComeAgain:
            "answers: a rejection with the fingerprint 0 is not kept"
        case .showsPositionsLate:
            "order of the log: no position appears below one that a reader has seen, while others write"
        case .reusesAPosition:
            "appending: the first events of a store have the positions 1, 2, 3, and the receipt names the last"
        case .leavesGapsInPositions:
            "order of the log: an append that begins after another one's answer gets higher positions"
        case .dropsTheLastEventOfAPage:
            "reading the log: pages of any size, put together, are the whole log in both directions"
        case .ignoresFilters:
            "filters: a filter of aggregates lets their events through"
        case .skipsWhatAFilteredPageDidNotReach:
            "filters: the limit counts what passes, and the page tells how far it came"
        case .cutsPagesSilently:
            "bad input: a page of the log must have a size from 1 to the limit"
        case .readsUnknownStreamsAsEmpty:
            "reading streams: an unknown stream is not found, in both directions"
        case .startsBehindTheVersion:
            "reading streams: forward, the version to start from is included"
        case .letsOlderSnapshotsOverwrite:
            "snapshots: a lower version of the same shape is ignored"
        case .servesSnapshotsOfAWrongVersion:
            "snapshots: a snapshot comes back with everything that was saved"
        case .dropsDamagedSnapshots:
            "snapshots: a damaged snapshot comes back as it is, with its checksum"
        case .movesCheckpointsWithoutFence:
            "checkpoints: an owner before the latest claim can move it no more"
        case .claimsWithoutANewEpoch:
            "checkpoints: each further claim raises the epoch by one and keeps the position"
        case .leasesIgnoreTheHolder:
            "leases: what one holds another does not get, and hears who has it and for how long"
        case .leasesNeverRunOut, .leasesForgetWhoDied:
            "leases: an abandoned lease runs out, not before its time, and the next owner hears of it"
        case .leasesKeepTheEpoch:
            "leases: the same owner gets it again, with a new epoch, as one who did not end in good order"
        case .renewsForAFencedOwner:
            "leases: who was taken over can neither move, renew nor release, and disturbs nobody"
        case .changesNotesThoughFenced:
            "notes: a move that is fenced off changes none"
        case .changesNotesOneByOne:
            "notes: one bad change among good ones keeps all of them out"
        case .readsNotesBehindTheKey:
            "notes: pages begin with the key that they are asked for, and put together they are all notes"
        case .keepsNotesOfDeletedCheckpoints:
            "notes: deleting a checkpoint drops the notes under all topics"
        case .runsBodiesOfKnownCommands:
            "transactions: no body is run for a command that is known"
        case .runsBodiesOfFencedMoves:
            "transactions: no body is run for a move that is fenced off, and no note is changed"
        case .failedBodiesKeepTheEvents, .failedBodiesKeepTheirMarks:
            "transactions: what a body throws keeps the events out, and is the cause of the error"
        case .failedBodiesKeepTheMove:
            "transactions: what a body throws keeps the move and its notes out"
        case .failedBodiesFailTheNext:
            "transactions: what the database refuses to a body fails the append, and nothing else"
        case .givesBodiesOtherPlaces:
            "transactions: a body gets the events of the append as they are stored"
        case .softDeleteForgetsTheLog:
            "deleting softly: readers of the log still see the events, also through filters and backward"
        case .softDeleteForgetsCommands:
            "deleting softly: the stream's commands stay known, with their events"
        case .softDeleteKeepsTheSnapshot:
            "deleting softly: the stream's snapshot goes, others stay"
        case .normalisesPayloads:
            "what is stored: JSON comes back as it was written: blanks, order of keys, keys that come twice"
        case .replacesEventIDs:
            "event ids: an event keeps the id that it was given"
        case .losesCausation:
            "what is stored: correlation and causation are kept each by itself, and not made up"
        case .ignoresTheTimeOfImports:
            "appending: an import sets its own time, on a new and on an existing stream"
        case .foldsComposedIDs:
            "names: ids that differ only in their composition are two streams"
        case .cutsLongIDs:
            "names: an id may have 255 bytes, and is not cut"
        case .neverSignals:
            "signals: a signal comes after a commit, and what was committed can be read then"
        case .worksOnAfterClosing:
            "life: appending is refused after closing"
        }
    }
}
