package main

// module is one to be tested.
type module struct {
	Name          string
	Kind          string
	Path, Version string
	Packages      []string
	// Flags are go test's. Where they choose, the module's whole tests take too long.
	Flags []string
}

var list = []module{
	{"bbolt", "database", "go.etcd.io/bbolt", "v1.5.0", []string{"."},
		[]string{"-short", "-run", "^Test(Bucket|Tx|DB|Cursor|Open)", "-skip", "MoveBucket|HugeValue"}},
	{"badger", "database", "github.com/dgraph-io/badger/v4", "v4.9.6", []string{"./skl", "./y", "./trie"}, []string{"-short"}},
	{"nats-server", "broker", "github.com/nats-io/nats-server/v2", "v2.15.3", []string{"./server"},
		[]string{"-run", "^Test(Account|Client)", "-skip", "NoSlowConsumer|ServiceImportPanic"}},
	{"watermill", "broker", "github.com/ThreeDotsLabs/watermill", "v1.5.1",
		[]string{"./message", "./pubsub/gochannel", "./components/fanin", "./components/metrics"}, []string{"-short"}},
	{"centrifuge", "broker", "github.com/centrifugal/centrifuge", "v0.40.1", []string{"."},
		[]string{"-short", "-run", "^Test(Hub|Memory|Client(Connect|Sub|Pub|Unsub|_))", "-skip", "Settle|Sharding|RefreshTTL|Expired"}},
	{"grpc", "RPC", "google.golang.org/grpc", "v1.85.0",
		[]string{"./balancer/rls/...", "./internal/grpcsync", "./internal/transport"}, []string{"-short"}},
	{"ristretto", "cache", "github.com/dgraph-io/ristretto/v2", "v2.4.2", []string{"."},
		[]string{"-skip", "TTL|TestCacheMaxCost|TestExpirationMapCleanup"}},
	{"golang-lru", "cache", "github.com/hashicorp/golang-lru/v2", "v2.0.7", []string{"./..."}, nil},
	{"go-cache", "cache", "github.com/patrickmn/go-cache", "v2.1.0+incompatible", []string{"."}, nil},
	{"groupcache", "cache", "github.com/golang/groupcache", "v0.0.0-20241129210726-2c02b8208cf8", []string{"./..."}, nil},
	{"cron", "scheduler", "github.com/robfig/cron/v3", "v3.0.1", []string{"."},
		[]string{"-run", "^Test(Chain|Func|No|Stop|Start|Remove|Snapshot)"}},
	{"gocron", "scheduler", "github.com/go-co-op/gocron/v2", "v2.21.2", []string{"."},
		[]string{"-short", "-run", "^Test(Job|OneTime|NewJob|Daily)"}},
	{"ants", "pool", "github.com/panjf2000/ants/v2", "v2.12.1", []string{"."},
		[]string{"-short", "-skip", "WaitToGetWorker|RestCode|Purge|Reboot|Infinite|Release"}},
	{"pond", "pool", "github.com/alitto/pond/v2", "v2.7.1", []string{"."}, nil},
	{"raft", "consensus", "go.etcd.io/raft/v3", "v3.7.0", []string{"./..."}, nil},
	{"memberlist", "membership", "github.com/hashicorp/memberlist", "v0.7.0", []string{"."},
		[]string{"-run", "^TestMember[Ll]ist", "-skip", "Dogpile|EncryptedGossip|_Ping$"}},
	{"otel-sdk", "observability", "go.opentelemetry.io/otel/sdk", "v1.47.0", []string{"./trace", "./resource"}, []string{"-short"}},
	{"otel-metric", "observability", "go.opentelemetry.io/otel/sdk/metric", "v1.47.0", []string{"./..."}, []string{"-short"}},
	{"prometheus", "observability", "github.com/prometheus/client_golang", "v1.25.0",
		[]string{"./prometheus", "./prometheus/promhttp", "./prometheus/push"}, []string{"-short", "-skip", "TestHistogramAtomicObserve"}},
	{"zap", "logging", "go.uber.org/zap", "v1.28.0", []string{"./..."}, []string{"-skip", "TestStacktraceFiltersVendorZap"}},
	{"gorilla", "transport", "github.com/gorilla/websocket", "v1.5.3", []string{"."}, nil},
	{"gobwas", "transport", "github.com/gobwas/ws", "v1.5.0", []string{".", "./wsutil", "./wsflate"}, nil},
	{"quic-go", "transport", "github.com/quic-go/quic-go", "v0.65.0", []string{".", "./http3"}, []string{"-short"}},
	{"yamux", "transport", "github.com/hashicorp/yamux", "v0.1.2", []string{"."},
		[]string{"-run", "^Test(Ping|Accept|Open|Close|Halfclose|Go|Session|Many)"}},
	{"puddle", "pool", "github.com/jackc/puddle/v2", "v2.2.3", []string{"."}, nil},
	{"conc", "pool", "github.com/sourcegraph/conc", "v0.3.0", []string{"./..."}, nil},
	{"ttlcache", "cache", "github.com/jellydator/ttlcache/v3", "v3.4.1", []string{"."}, nil},
	{"bigcache", "cache", "github.com/allegro/bigcache/v3", "v3.1.0", []string{"."}, []string{"-short"}},
	{"buntdb", "database", "github.com/tidwall/buntdb", "v1.3.0", []string{"."}, nil},
	{"mochi", "broker", "github.com/mochi-mqtt/server/v2", "v2.7.9", []string{".", "./listeners"}, nil},
	{"dns", "transport", "github.com/miekg/dns", "v1.1.73", []string{"."}, []string{"-short"}},
	{"hashicorp-raft", "consensus", "github.com/hashicorp/raft", "v1.8.0", []string{"."},
		[]string{"-short", "-run", "^Test(Raft_(Single|Triple|Leader|Apply|Barrier|Snapshot|Remove|Add)|Inmem|Net|Observer|Config)"}},
	{"sarama", "broker", "github.com/IBM/sarama", "v1.61.1", []string{"."},
		[]string{"-short", "-run", "^Test(AsyncProducer|SyncProducer|Consumer|Broker|Client|OffsetManager)"}},
	{"fasthttp", "transport", "github.com/valyala/fasthttp", "v1.78.0", []string{"."},
		[]string{"-short", "-run", "^Test(Server|Client|HostClient|Pipeline|Worker|Stream)"}},
}
