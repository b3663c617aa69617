package coarselock

import "testing"

func TestShardsRecordTheSame(t *testing.T) {
	one, many := New(1), New(16)
	for page := range 100 {
		one.Record(page % 40)
		many.Record(page % 40)
	}
	for page := range 40 {
		if one.shards[0].pages[page] != many.shards[page%16].pages[page] {
			t.Errorf("page %d has different digests", page)
		}
	}
	if many.shards[3].pages[3] == many.shards[3].pages[35] { // 3 visits and 2
		t.Error("the digest does not depend on the number of visits")
	}
}
