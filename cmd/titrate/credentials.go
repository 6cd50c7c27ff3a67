package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/titrate/titrate/ingest/gateway"
	"go.yaml.in/yaml/v3"
)

// accessFlags say who may use the doors for devices and apps.
type accessFlags struct {
	file    string
	rate    float64
	proxies []string
}

func (a *accessFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&a.file, "credentials", "", "YAML file of who may read and write which patient's data (see docs/gateway.md)")
	flags.Float64Var(&a.rate, "rate", 20, "requests a second of each credential that sets no rate of its own; 0 is no limit")
	flags.StringSliceVar(&a.proxies, "trusted-proxies", nil, "addresses or networks of reverse proxies whose X-Forwarded-For is believed")
}

// access is who may use the doors, and how their addresses are told apart.
type access struct {
	credentials []gateway.Credential
	address     func(*http.Request) string
}

// open reads the file, if one is given, and the proxies.
func (a *accessFlags) open() (access, error) {
	if a.rate < 0 {
		return access{}, usagef("--rate %v: want requests a second, or 0 for no limit", a.rate)
	}
	proxies, err := networks(a.proxies)
	if err != nil {
		return access{}, err
	}
	ac := access{address: gateway.Behind(proxies)}
	if a.file != "" {
		ac.credentials, err = readCredentials(a.file, a.rate)
	}
	return ac, err
}

func networks(list []string) (all []netip.Prefix, err error) {
	for _, s := range list {
		network, err := netip.ParsePrefix(s)
		if err != nil {
			var ip netip.Addr
			if ip, err = netip.ParseAddr(s); err == nil {
				network = netip.PrefixFrom(ip, ip.BitLen())
			}
		}
		if err != nil {
			return nil, usagef("--trusted-proxies %q: want an address or a network such as 10.0.0.0/8", s)
		}
		all = append(all, network)
	}
	return all, nil
}

// keyring is that of the doors: the file's credentials, and the app's own token,
// which sees everybody.
func (a access) keyring(token string) (*gateway.Keyring, error) {
	own := gateway.Credential{Patient: gateway.Everybody, Secret: token, Read: true, Write: true}
	return gateway.NewKeyring(gateway.KeyringOptions{
		Credentials: append([]gateway.Credential{own}, a.credentials...),
		Now:         time.Now,
		Address:     a.address,
	})
}

// readCredentials reads a file of credentials. Its errors name lines and patients,
// never a secret.
func readCredentials(name string, rate float64) ([]gateway.Credential, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, usagef("--credentials: %w", err)
	}
	if info, err := os.Stat(name); err == nil && info.Mode().Perm()&0o007 != 0 {
		slog.Warn("everybody on this machine may read the credentials", "file", name, "do", "chmod 600 "+name)
	}
	all, err := parseCredentials(text, rate)
	if err != nil {
		return nil, usagef("--credentials %s: %w", name, err)
	}
	return all, nil
}

// credential is one as the file holds it.
type credential struct {
	Patient string   `yaml:"patient"`
	Secret  string   `yaml:"secret"`
	May     []string `yaml:"may"`
	Rate    *float64 `yaml:"rate"`
}

func parseCredentials(text []byte, rate float64) ([]gateway.Credential, error) {
	var file struct {
		Credentials []credential `yaml:"credentials"`
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&file); err != nil && !errors.Is(err, io.EOF) {
		// The library's own error may quote a secret: of it only the line is told.
		line := cmp.Or(yamlLine.FindString(err.Error()), "it")
		return nil, fmt.Errorf("%s isn't of the form credentials: [{patient: …, secret: …, may: [read, write], rate: 20}]", line)
	}
	if len(file.Credentials) == 0 {
		return nil, errors.New("lists nobody under credentials")
	}
	all := make([]gateway.Credential, len(file.Credentials))
	for i, c := range file.Credentials {
		for _, may := range c.May {
			if may != "read" && may != "write" {
				return nil, fmt.Errorf("credential %d, for %q: may is %q; want read, write or both", i+1, c.Patient, may)
			}
		}
		all[i] = gateway.Credential{
			Patient: c.Patient, Secret: c.Secret, Rate: rate,
			Read: slices.Contains(c.May, "read"), Write: slices.Contains(c.May, "write"),
		}
		if c.Rate != nil {
			all[i].Rate = *c.Rate
		}
	}
	// The keyring says what is unsafe; here, while the file's name is known.
	if _, err := (access{credentials: all}).keyring("another that is in no file"); err != nil {
		return nil, err
	}
	return all, nil
}
