module example.com/load

go 1.25
