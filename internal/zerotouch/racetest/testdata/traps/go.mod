module traps

go 1.25
