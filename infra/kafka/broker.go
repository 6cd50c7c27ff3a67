package kafka

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"

	"github.com/twmb/franz-go/pkg/kfake"
)

// BrokerConfig describes an embedded broker. The zero value keeps everything in
// memory and listens on a free port of this machine.
type BrokerConfig struct {
	// Dir holds the log, the topics, the groups' offsets and the transactions;
	// empty means memory. One broker at a time may have it.
	Dir string
	// Listen is the host:port to listen on, which is also what clients are told
	// to connect to; empty means 127.0.0.1:0.
	Listen string
	// Partitions is what a topic gets that was created without a number; zero means 6.
	Partitions int
	// OnError is told what the broker could not write to Dir; it may be called
	// from any goroutine. Nil means standard error.
	OnError func(error)

	secure []kfake.Opt // users and certificates, for tests of clients
}

// Broker is a single-node Kafka cluster inside this process: the real protocol
// with groups and transactions, without replication.
type Broker struct {
	cluster    *kfake.Cluster
	successors *successors
	lock       *os.File
	addr       string
}

// StartBroker starts a broker. What an earlier one acknowledged in the same Dir
// is there again: topics with their ids, records, committed offsets,
// transactions.
//
// Segments are written through the page cache and synced when they roll and at
// Close, as Apache Kafka does by default: a killed process loses nothing, a
// power cut may lose the last moments. Syncing every batch was measured with
// BenchmarkTransform and BenchmarkEnqueue: from event to answer 10 ms instead of
// 4.5 at the median and over 100 instead of 8 at the 99th percentile, and half
// the events per second. A broker without replicas doesn't earn that.
func StartBroker(cfg BrokerConfig) (*Broker, error) {
	if cfg.Listen == "" {
		cfg.Listen = "127.0.0.1:0"
	}
	if cfg.Partitions == 0 {
		cfg.Partitions = 6
	}
	if err := concrete(cfg.Listen); err != nil {
		return nil, err
	}
	lock, err := claim(cfg.Dir)
	if err != nil {
		return nil, err
	}
	cluster, err := kfake.NewCluster(options(cfg)...)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start broker at %s: %w", cfg.Listen, err), release(lock))
	}
	stampAppends(cluster)
	return &Broker{cluster: cluster, successors: watchSuccessors(cluster), lock: lock, addr: cluster.ListenAddrs()[0]}, nil
}

func options(cfg BrokerConfig) []kfake.Opt {
	opts := []kfake.Opt{
		kfake.NumBrokers(1),
		kfake.ClusterID("titrate"),
		kfake.DefaultNumPartitions(cfg.Partitions),
		// Nothing expires: a log that begins weeks ago by the clock of virtual people, or
		// holds somebody's history, would be gone within the hour by the usual seven days.
		kfake.BrokerConfigs(map[string]string{"log.retention.ms": "-1"}),
		kfake.WithLogger(brokerLog{cfg.OnError}),
		kfake.ListenFn(func(network, _ string) (net.Listener, error) { return net.Listen(network, cfg.Listen) }),
	}
	opts = append(opts, cfg.secure...)
	if cfg.Dir != "" {
		opts = append(opts, kfake.DataDir(filepath.Join(cfg.Dir, "log")))
	}
	return opts
}

// concrete refuses addresses that clients can't connect to: the broker tells
// them the one it listens on.
func concrete(listen string) error {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return fmt.Errorf("broker address %q: %w: give host:port", listen, err)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		return fmt.Errorf("broker address %q: clients are told to connect to it, so it must name one host, such as 127.0.0.1:9092", listen)
	}
	return nil
}

// Addr is the host:port that clients connect to.
func (b *Broker) Addr() string { return b.addr }

// Close stops the broker and writes what is still in memory to its directory.
func (b *Broker) Close() error {
	b.successors.close()
	b.cluster.Close()
	return release(b.lock)
}

// brokerLog passes on what failed on the disk; the rest is the broker's talk
// about its clients.
type brokerLog struct{ tell func(error) }

// Logf implements kfake.Logger. What failed is a warning that carries an error.
func (l brokerLog) Logf(level kfake.LogLevel, format string, args ...any) {
	failed := slices.ContainsFunc(args, func(a any) bool { _, is := a.(error); return is })
	if level > kfake.LogLevelWarn || !failed {
		return
	}
	err := fmt.Errorf("broker: "+format, args...)
	if l.tell != nil {
		l.tell(err)
		return
	}
	fmt.Fprintln(os.Stderr, err)
}
