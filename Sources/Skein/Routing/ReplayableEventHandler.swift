/// An event handler whose effects may be made anew: when its subscription is reset, it is given all events again.
///
/// An ``EventHandler`` that is none is left out then, for as long as events come that it has handled before: mails are not
/// sent twice, and payments are not made twice.
public protocol ReplayableEventHandler: EventHandler {}
