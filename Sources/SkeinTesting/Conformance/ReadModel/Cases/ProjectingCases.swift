import Skein
import Testing

extension ReadModelConformance {
    static var projecting: [Case] {
        [
            // Behaviour case 125.
            Case("projecting", "each event has its effect once, over any number of runs") { stage in
                for round in 1...3 {
                    let bus = stage.bus(stage.balances())
                    if round == 1 { try await bus.open("ada", "bob") }
                    try await bus.whileRunning {
                        try await bus.deposit(1, to: "ada", times: 5)
                        try await stage.reach(try await stage.store.head(), bus)
                    }
                }
                try check(try await stage.seen(), is: ["ada": 15, "bob": 0])
            },
            Case("projecting", "one aggregate is rebuilt alone") { stage in
                let bus = stage.bus(stage.balances())
                try await bus.open("ada", "bob")
                try await bus.deposit(5, to: "ada")
                try await bus.deposit(7, to: "bob")
                try await bus.whileRunning { try await stage.reach(4, bus) }
                try await stage.store.transact { transaction in
                    for account in ["ada", "bob"] { try stage.table.add(-50, account, "balances__1", transaction) }
                }
                try await bus.rebuild("balances", only: SavingsAccount.ID("ada"))
                try check(try await stage.seen(), is: ["ada": 5, "bob": -43])
            },
            Case("projecting", "a reset empties the tables and fills them in place") { stage in
                let bus = stage.bus(stage.balances())
                try await bus.open("ada")
                try await bus.deposit(5, to: "ada")
                try await bus.whileRunning { try await stage.reach(2, bus) }
                try await bus.reset("balances")
                try check(try await stage.seen(), is: [:])
                let next = stage.bus(stage.balances())
                try await next.whileRunning { try await stage.reach(2, next) }
                try check(try await stage.seen(), is: ["ada": 5])
            },
            Case("projecting", "a read model whose subscription was deleted is made anew") { stage in
                let bus = stage.bus(stage.balances())
                try await bus.open("ada")
                try await bus.deposit(5, to: "ada")
                try await bus.whileRunning { try await stage.reach(2, bus) }
                try await stage.store.deleteCheckpoint(of: "balances")
                let next = stage.bus(stage.balances())
                try await next.whileRunning { try await stage.reach(2, next) }
                try check(try await stage.seen(), is: ["ada": 5])
            },
        ]
    }

    static var failing: [Case] {
        [
            // Behaviour case 115.
            Case("failing", "what a failed batch has written is undone, and its good events are not lost") { stage in
                let projection = stage.balances(refusing: 13)
                let bus = stage.bus(projection, failure: FailurePolicy(retry: .stopAtOnce, then: .skip))
                try await bus.open("ada")
                for amount in [1, 2, 13, 4, 5] { try await bus.deposit(amount, to: "ada") }
                try await bus.whileRunning { try await stage.reach(6, bus) }
                try check(try await stage.seen(), is: ["ada": 12])
                try check(projection.count > 6, "some were written, undone and written again")
            },
            Case("failing", "where the database refuses an event, the subscription stops before it") { stage in
                let bus = stage.bus(stage.balances(refusing: 13), failure: FailurePolicy(retry: .stopAtOnce))
                try await bus.open("ada")
                for amount in [1, 13, 4] { try await bus.deposit(amount, to: "ada") }
                try await bus.whileRunning {
                    let end = try await end(of: bus, before: 4, stage)
                    try check(end.position, is: 3)
                    try check(stage.table.isRefusal(end.cause), "\(end.cause) is the database's own error")
                }
                try check(try await stage.seen(), is: ["ada": 1])
                try check(try await stage.store.checkpoint(of: "balances")?.position, is: 2)
            },
        ]
    }
}
