module example.com/scenes

go 1.25
