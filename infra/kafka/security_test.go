package kafka

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"maps"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
)

const (
	user     = "alice"
	password = "alice-secret"
)

// secured are the doors of a broker that asks who one is.
type secured struct {
	sasl, saslTLS, tls string // host:port
	files              string // directory: ca.pem, client.pem, client.key, stranger.pem
}

// startSecured is the real broker's doors (see apache/with-broker), or three
// embedded brokers with one each.
func startSecured(t *testing.T) secured {
	t.Helper()
	if os.Getenv("TITRATE_TEST_BROKERS") != "" {
		s := secured{os.Getenv("TITRATE_TEST_BROKERS_SASL"), os.Getenv("TITRATE_TEST_BROKERS_SASL_TLS"),
			os.Getenv("TITRATE_TEST_BROKERS_TLS"), os.Getenv("TITRATE_TEST_KAFKA_FILES")}
		if s.sasl == "" || s.saslTLS == "" || s.tls == "" || s.files == "" {
			t.Skip("only a broker in plain text is given: apache/with-broker has the other doors")
		}
		return s
	}
	dir := t.TempDir()
	ca, err := newAuthority(filepath.Join(dir, "ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := newAuthority(filepath.Join(dir, "stranger.pem")); err != nil {
		t.Fatal(err)
	}
	for _, who := range []string{"broker", "client"} {
		if err := ca.certify(dir, who); err != nil {
			t.Fatal(err)
		}
	}
	own, err := tls.LoadX509KeyPair(filepath.Join(dir, "broker.pem"), filepath.Join(dir, "broker.key"))
	if err != nil {
		t.Fatal(err)
	}
	private := kfake.TLS(&tls.Config{Certificates: []tls.Certificate{own}})
	mutual := kfake.TLS(&tls.Config{Certificates: []tls.Certificate{own}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: ca.pool()})
	users := []kfake.Opt{kfake.EnableSASL()}
	for _, m := range Mechanisms {
		users = append(users, kfake.Superuser(m, user, password))
	}
	start := func(opts ...kfake.Opt) string {
		b, _ := startBrokerAt(t, BrokerConfig{secure: opts})
		return b.Addr()
	}
	return secured{start(users...), start(append(users, private)...), start(mutual), dir}
}

// authority signs certificates for this machine.
type authority struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
}

func newAuthority(file string) (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	form := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Titrate test"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &authority{key, cert}, writePEM(file, "CERTIFICATE", der)
}

func (a *authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return pool
}

func (a *authority) certify(dir, who string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	form := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: who}, NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, form, a.cert, &key.PublicKey, a.key)
	if err != nil {
		return err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	if err := writePEM(filepath.Join(dir, who+".key"), "PRIVATE KEY", private); err != nil {
		return err
	}
	return writePEM(filepath.Join(dir, who+".pem"), "CERTIFICATE", der)
}

func writePEM(file, kind string, der []byte) error {
	return os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
}

// through is a Config for a door, with names of its own.
func through(t *testing.T, door string, s Security) Config {
	t.Helper()
	cfg := Config{Brokers: door, Properties: maps.Clone(quick)}
	set, err := s.Properties()
	if err != nil {
		t.Fatal(err)
	}
	maps.Copy(cfg.Properties, set)
	cfg.Properties["client.id"] = "titrate-test-" + strings.ToLower(rand.Text()[:8])
	return cfg
}

// TestEveryDoorIsPassed runs producing, reading, and a transactional job with its
// group and state through each way to log in and to encrypt.
func TestEveryDoorIsPassed(t *testing.T) {
	t.Parallel()
	b := startSecured(t)
	ca := filepath.Join(b.files, "ca.pem")
	client := Security{CA: ca, Cert: filepath.Join(b.files, "client.pem"), Key: filepath.Join(b.files, "client.key")}
	doors := map[string]Config{"certificate": through(t, b.tls, client)}
	for _, m := range Mechanisms {
		doors[m] = through(t, b.sasl, Security{Mechanism: m, User: user, Password: password})
		doors[m+" encrypted"] = through(t, b.saslTLS, Security{CA: ca, Mechanism: m, User: user, Password: password})
	}
	for name, cfg := range doors {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			t.Cleanup(func() { forget(t, cfg) })
			tc := transformTopics(t, cfg, 2)
			j := startJob(t, tc, fresh)
			send(t, cfg, cfg.in("events"), 7, 0, 100)
			compare(t, answers(t, cfg, 100), uninterrupted(7, 100))
			j.stop(t)
			sink := newStored()
			if err := ingestAll(t, cfg, sink); err != nil {
				t.Fatal(err)
			}
			once(t, values(sink.records), 100)
		})
	}
}

// TestAClosedDoorSaysWhy: what is refused is told from a broker that isn't there,
// and no message holds the password.
func TestAClosedDoorSaysWhy(t *testing.T) {
	t.Parallel()
	b := startSecured(t)
	ca := filepath.Join(b.files, "ca.pem")
	const wrong = "not-the-password"
	for name, tt := range map[string]struct {
		door string
		s    Security
		says string
	}{
		"password PLAIN":     {b.sasl, Security{Mechanism: "PLAIN", User: user, Password: wrong}, "uthenticat"},
		"password SCRAM":     {b.sasl, Security{Mechanism: "SCRAM-SHA-512", User: user, Password: wrong}, "uthenticat"},
		"unknown user":       {b.saslTLS, Security{CA: ca, Mechanism: "SCRAM-SHA-256", User: "eve", Password: wrong}, "uthenticat"},
		"another authority":  {b.saslTLS, Security{CA: filepath.Join(b.files, "stranger.pem"), Mechanism: "PLAIN", User: user, Password: wrong}, "certificate"},
		"unknown authority":  {b.saslTLS, Security{TLS: true, Mechanism: "PLAIN", User: user, Password: wrong}, "certificate"},
		"no own certificate": {b.tls, Security{CA: ca}, "certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := NewProducer(through(t, tt.door, tt.s))
			mustContain(t, err, tt.door, tt.says)
			if err != nil && strings.Contains(err.Error(), wrong) {
				t.Errorf("the password is in %q", err)
			}
		})
	}
}

func TestSecurityRefusesHalfOfIt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ca, err := newAuthority(filepath.Join(dir, "ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	for _, who := range []string{"one", "two"} {
		if err := ca.certify(dir, who); err != nil {
			t.Fatal(err)
		}
	}
	at := func(name string) string { return filepath.Join(dir, name) }
	for name, tt := range map[string]struct {
		s    Security
		says string
	}{
		"user alone":           {Security{User: "u"}, "--kafka-sasl"},
		"unknown mechanism":    {Security{Mechanism: "GSSAPI", User: "u", Password: password}, "SCRAM-SHA-256"},
		"no user":              {Security{Mechanism: "PLAIN", Password: password}, "--kafka-user"},
		"no password":          {Security{Mechanism: "PLAIN", User: "u"}, "TITRATE_KAFKA_PASSWORD"},
		"no file":              {Security{CA: at("none.pem")}, "none.pem"},
		"a key as authority":   {Security{CA: at("one.key")}, "no certificate"},
		"certificate alone":    {Security{Cert: at("one.pem")}, "--kafka-key"},
		"key alone":            {Security{Key: at("one.key")}, "--kafka-cert"},
		"key of somebody else": {Security{Cert: at("one.pem"), Key: at("two.key")}, "two.key"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := tt.s.Properties()
			mustContain(t, err, tt.says)
			if err != nil && strings.Contains(err.Error(), password) {
				t.Errorf("the password is in %q", err)
			}
		})
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	t.Parallel()
	s := Security{Mechanism: "PLAIN", User: user, Password: password, KeyPassword: password}
	set, err := s.Properties()
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{Brokers: "b:1", Properties: set}
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(format, s) + fmt.Sprintf(format, cfg); strings.Contains(text, password) {
			t.Errorf("%s prints %s", format, text)
		}
	}
}

func TestGuaranteesCantBeSwitchedOff(t *testing.T) {
	t.Parallel()
	for key, refused := range map[string]bool{
		"acks": true, "isolation.level": true, "enable.idempotence": true, "transactional.id": true, "go.delivery.reports": true,
		"fetch.wait.max.ms": false, "ssl.cipher.suites": false,
	} {
		err := Config{Properties: map[string]string{key: "0"}}.Check()
		if (err != nil) != refused || refused && !strings.Contains(err.Error(), key) {
			t.Errorf("property %s: %v", key, err)
		}
	}
}
