import Testing

/// What can be wrong with a store; each is something that a real one got wrong, or easily could.
enum StoreDefect: String, CaseIterable, Sendable, CustomTestStringConvertible {
    // Versions
    case ignoresExpectedVersions
    case checksVersionsBeforeTheTransaction
    case cachesVersionsPerHandle

    // Atomicity and durability
    case dropsOneEventOfABatch
    case swapsTheOrderInABatch
    case storesPartOfARefusedAppend
    case commitsEachCommandByItself
    case failsAfterAConflict
    case swallowsCommitErrors
    case acknowledgesBeforeCommit
    case losesTheLastAppendOnClosing
    case rollsBackWhenCancelled
    case storesHalfWhenCancelled

    // Commands
    case storesRepeatedCommands
    case checksCommandsBeforeTheTransaction
    case recordsCommandsOutsideTheTransaction
    case forgetsAnswers
    case keepsAnswersThatCannotComeAgain

    // Positions
    case showsPositionsLate
    case reusesAPosition
    case reusesPositionsAfterReopening
    case leavesGapsInPositions

    // Reading
    case dropsTheLastEventOfAPage
    case ignoresFilters
    case skipsWhatAFilteredPageDidNotReach
    case cutsPagesSilently
    case readsUnknownStreamsAsEmpty
    case startsBehindTheVersion

    // Snapshots and checkpoints
    case letsOlderSnapshotsOverwrite
    case servesSnapshotsOfAWrongVersion
    case dropsDamagedSnapshots
    case movesCheckpointsWithoutFence
    case claimsWithoutANewEpoch

    // Leases
    case leasesIgnoreTheHolder
    case leasesNeverRunOut
    case leasesKeepTheEpoch
    case leasesForgetWhoDied
    case renewsForAFencedOwner

    // Notes
    case changesNotesThoughFenced
    case changesNotesOneByOne
    case readsNotesBehindTheKey
    case keepsNotesOfDeletedCheckpoints

    // Transactions
    case runsBodiesOfKnownCommands
    case runsBodiesOfFencedMoves
    case failedBodiesKeepTheEvents
    case failedBodiesKeepTheMove
    case failedBodiesKeepTheirMarks
    case failedBodiesFailTheNext
    case givesBodiesOtherPlaces

    // Deleting
    case softDeleteForgetsTheLog
    case softDeleteForgetsCommands
    case softDeleteKeepsTheSnapshot

    // What is stored
    case normalisesPayloads
    case replacesEventIDs
    case losesCausation
    case ignoresTheTimeOfImports
    case foldsComposedIDs
    case cutsLongIDs

    // Life
    case neverSignals
    case worksOnAfterClosing

    var testDescription: String { rawValue }
}
