package main

import "testing"

func TestByteSize(t *testing.T) {
	for text, want := range map[string]byteSize{
		"300MB": 300e6, "300mb": 300e6, "0.5GiB": 1 << 29, "64MiB": 64 << 20, "80000000": 80e6, "1 GB": 1e9, "71000k": 71e6, "100000000B": 1e8,
	} {
		var b byteSize
		if err := b.Set(text); err != nil || b != want {
			t.Errorf("Set(%q) = %d, %v, want %d", text, b, err, want)
		}
	}
	for _, text := range []string{"", "MB", "much", "-1GB", "NaN", "1e300GB", "60MB", "300 apples"} {
		var b byteSize
		if err := b.Set(text); err == nil {
			t.Errorf("Set(%q) = %d", text, b)
		}
	}
}
