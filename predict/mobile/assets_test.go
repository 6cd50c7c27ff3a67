package mobile

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

func app() *assets {
	return openAssets(fstest.MapFS{
		"index.html":         {Data: []byte("<!doctype html>the app")},
		"assets/main-1a2.js": {Data: []byte("let x")},
		"assets/icon-3b.svg": {Data: []byte("<svg/>")},
		".keep":              {},
	})
}

// fetch asks the assets for path, as the routes do.
func fetch(a *assets, path, etag string) *httptest.ResponseRecorder {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", a.page)
	mux.HandleFunc("GET /assets/{name...}", a.asset)
	r := httptest.NewRequest("GET", path, nil)
	r.Header.Set("If-None-Match", etag)
	rec := httptest.NewRecorder()
	mux.ServeHTTP(rec, r)
	return rec
}

func TestPageIsAskedForAnewAndAssetsAreKept(t *testing.T) {
	for path, cache := range map[string]string{"/": "no-cache", "/assets/main-1a2.js": "public, max-age=31536000, immutable"} {
		first := fetch(app(), path, "")
		if first.Code != http.StatusOK || first.Header().Get("Cache-Control") != cache {
			t.Errorf("%s: status %d, %q", path, first.Code, first.Header().Get("Cache-Control"))
		}
		again := fetch(app(), path, first.Header().Get("ETag"))
		if again.Code != http.StatusNotModified || again.Body.Len() != 0 {
			t.Errorf("%s again: status %d, %d bytes", path, again.Code, again.Body.Len())
		}
	}
}

func TestMediaTypes(t *testing.T) {
	for path, want := range map[string]string{
		"/":                   "text/html; charset=utf-8",
		"/assets/main-1a2.js": "text/javascript; charset=utf-8",
		"/assets/icon-3b.svg": "image/svg+xml",
	} {
		if got := fetch(app(), path, "").Header().Get("Content-Type"); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
}

func TestMissingAssetAndEscapesAreNotFound(t *testing.T) {
	for _, path := range []string{"/assets/old-9.js", "/assets/.keep", "/assets/%2e%2e/index.html"} {
		if got := fetch(app(), path, "").Code; got != http.StatusNotFound {
			t.Errorf("%s: status %d", path, got)
		}
	}
}

func TestPageSaysHowToBuildTheApp(t *testing.T) {
	got := fetch(openAssets(fstest.MapFS{".keep": {}}), "/", "")
	for _, want := range []string{"make app", "Not a medical device"} {
		if !strings.Contains(got.Body.String(), want) {
			t.Errorf("the page doesn't say %q", want)
		}
	}
}

func TestPolicyAllowsNothingInlineOrForeign(t *testing.T) {
	got := fetch(app(), "/", "").Header().Get("Content-Security-Policy")
	if !strings.Contains(got, "default-src 'none'") || regexp.MustCompile(`unsafe|http|\*`).MatchString(got) {
		t.Error(got)
	}
}

// The page must work without any other server, and under its policy.
func TestBuiltAppLoadsNothingForeignOrInline(t *testing.T) {
	built := openAssets(built())
	page, ok := built.files["index.html"]
	if !ok {
		missing(t, "the app is not built: run make app")
	}
	foreign := regexp.MustCompile(`(?i)(src|href|url\(|@import|from)\s*[=(]?\s*["']?(https?:)?//`)
	for name, f := range built.files {
		if found := foreign.Find(f.body); found != nil && !strings.HasSuffix(name, ".js") {
			t.Errorf("%s loads %s…", name, found)
		}
	}
	if inline := regexp.MustCompile(`<script(?:(?: [^>]*)?)>[^<]|<style|\sstyle=|\son[a-z]+=`).Find(page.body); inline != nil {
		t.Errorf("index.html has %s", inline)
	}
}
