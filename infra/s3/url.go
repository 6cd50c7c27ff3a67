package s3

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Location is where a lake is kept and how.
type Location struct {
	Bucket    string
	Prefix    string // "" or ends with a slash
	Endpoint  string // "" for Amazon's, or the one of AWS_ENDPOINT_URL_S3
	PathStyle bool   // host/bucket/name; an Endpoint implies it
	HostStyle bool   // bucket.host/name, also at an Endpoint
	SSE       string // "", AES256 or aws:kms
	KMSKey    string // with aws:kms: a key's id, or "" for the account's own
}

// ParseURL reads s3://bucket/prefix?endpoint=http://host:port&path-style=true&
// sse=AES256|aws:kms&kms-key=ID; everything after the bucket is optional.
func ParseURL(text string) (Location, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "s3" || u.Host == "" {
		return Location{}, fmt.Errorf("lake %q: want s3://bucket/prefix", text)
	}
	l := Location{Bucket: u.Host}
	if prefix := strings.Trim(u.Path, "/"); prefix != "" {
		l.Prefix = prefix + "/"
	}
	for name, values := range u.Query() {
		if err := l.set(name, values[len(values)-1]); err != nil {
			return Location{}, fmt.Errorf("lake %q: %w", text, err)
		}
	}
	if l.KMSKey != "" && l.SSE != "aws:kms" {
		return Location{}, fmt.Errorf("lake %q: kms-key goes with sse=aws:kms", text)
	}
	return l, nil
}

func (l *Location) set(name, value string) error {
	switch name {
	case "endpoint":
		if u, err := url.Parse(value); err != nil || u.Host == "" || !strings.HasPrefix(u.Scheme, "http") {
			return fmt.Errorf("endpoint=%s: want http(s)://host:port", value)
		}
		l.Endpoint = value
	case "path-style":
		yes, err := strconv.ParseBool(value)
		if err != nil {
			return fmt.Errorf("path-style=%s: want true or false", value)
		}
		l.PathStyle, l.HostStyle = yes, !yes
	case "sse":
		if !slices.Contains([]string{"AES256", "aws:kms"}, value) {
			return fmt.Errorf("sse=%s: want AES256 or aws:kms", value)
		}
		l.SSE = value
	case "kms-key":
		l.KMSKey = value
	default:
		return fmt.Errorf("parameter %q: want endpoint, path-style, sse or kms-key", name)
	}
	return nil
}

// String is the location without its parameters.
func (l Location) String() string { return "s3://" + l.Bucket + "/" + l.Prefix }
