package kafka

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
)

// Mechanisms are the ways to log in, as --kafka-sasl names them.
var Mechanisms = []string{"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"}

// Security says who a client is and how its line is kept private. The zero value
// is nobody, in plain text.
type Security struct {
	TLS         bool   // encrypted; a file below implies it
	CA          string // PEM file of the authorities to trust; empty: the system's
	Cert, Key   string // PEM files that say who the client is; both or none
	KeyPassword string // of an encrypted Key
	Mechanism   string // one of Mechanisms, or empty: no login
	User        string
	Password    string
}

// String leaves out what is secret.
func (s Security) String() string {
	return fmt.Sprintf("tls=%t ca=%s cert=%s sasl=%s user=%s", s.encrypted(), s.CA, s.Cert, s.Mechanism, s.User)
}

// GoString is String, for %#v.
func (s Security) GoString() string { return s.String() }

// Clear reports whether a password would travel readable.
func (s Security) Clear() bool { return s.Mechanism == "PLAIN" && !s.encrypted() }

func (s Security) encrypted() bool { return s.TLS || s.CA != "" || s.Cert != "" }

// Properties is s as librdkafka takes it. Errors speak of the flags and never hold
// a password.
func (s Security) Properties() (map[string]string, error) {
	if err := errors.Join(s.checkLogin(), s.checkFiles()); err != nil {
		return nil, err
	}
	protocol, set := "", map[string]string{}
	if s.encrypted() {
		protocol = "SSL"
		set["ssl.ca.location"] = s.CA
		set["ssl.certificate.location"], set["ssl.key.location"], set["ssl.key.password"] = s.Cert, s.Key, s.KeyPassword
	}
	if s.Mechanism != "" {
		protocol = "SASL_" + strings.Replace(protocol+"PLAINTEXT", "SSLPLAINTEXT", "SSL", 1)
		set["sasl.mechanisms"], set["sasl.username"], set["sasl.password"] = s.Mechanism, s.User, s.Password
	}
	set["security.protocol"] = protocol
	for key, value := range set {
		if value == "" {
			delete(set, key)
		}
	}
	return set, nil
}

func (s Security) checkLogin() error {
	switch {
	case s.Mechanism == "" && (s.User != "" || s.Password != ""):
		return fmt.Errorf("a user or password is given, but not how to log in: give --kafka-sasl %s", strings.Join(Mechanisms, ", "))
	case s.Mechanism == "":
		return nil
	case !slices.Contains(Mechanisms, s.Mechanism):
		return fmt.Errorf("--kafka-sasl %s: want one of %s", s.Mechanism, strings.Join(Mechanisms, ", "))
	case s.User == "":
		return fmt.Errorf("--kafka-sasl %s needs a user: give --kafka-user", s.Mechanism)
	case s.Password == "":
		return fmt.Errorf("--kafka-sasl %s needs a password: set TITRATE_KAFKA_PASSWORD or give --kafka-password-file", s.Mechanism)
	}
	return nil
}

// checkFiles finds what the client library would only say in OpenSSL's words.
func (s Security) checkFiles() error {
	if s.CA != "" {
		text, err := os.ReadFile(s.CA)
		if err != nil {
			return fmt.Errorf("--kafka-ca: %w", err)
		}
		if !x509.NewCertPool().AppendCertsFromPEM(text) {
			return fmt.Errorf("--kafka-ca %s: no certificate in PEM format in it", s.CA)
		}
	}
	switch {
	case s.Cert == "" && s.Key == "":
		return nil
	case s.Cert == "" || s.Key == "":
		return errors.New("--kafka-cert and --kafka-key go together: give both files")
	case s.KeyPassword != "":
		return nil // encrypted: the client library opens it
	}
	if _, err := tls.LoadX509KeyPair(s.Cert, s.Key); err != nil {
		return fmt.Errorf("--kafka-cert %s, --kafka-key %s: %w", s.Cert, s.Key, err)
	}
	return nil
}
