package mobile

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
)

//go:embed all:app/dist
var embedded embed.FS

// built is the app as `make app` wrote it before this program was compiled; it
// may be empty.
func built() fs.FS {
	dist, err := fs.Sub(embedded, "app/dist")
	if err != nil {
		panic(err) // the directory is named in the directive above
	}
	return dist
}

// policy lets the page load from its own server alone: no third party, no inline
// script or style, no frame around it.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// assets is the app's files with their ETags. They can't change while the program
// runs, so both are made once.
type assets struct {
	files map[string]file // by path below dist
}

type file struct {
	body []byte
	etag string
	kind string
}

func openAssets(dist fs.FS) *assets {
	a := &assets{files: map[string]file{}}
	err := fs.WalkDir(dist, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := fs.ReadFile(dist, name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(body)
		a.files[name] = file{body: body, etag: `"` + hex.EncodeToString(sum[:12]) + `"`, kind: kind(name)}
		return nil
	})
	if err != nil {
		panic(err) // the files are part of the program
	}
	return a
}

// kind is the media type of name. The common ones are spelled out because the
// system's table, which mime reads, differs from machine to machine.
func kind(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".html":
		return "text/html; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".webmanifest":
		return "application/manifest+json"
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}

// page is the app, or how to build it.
func (a *assets) page(w http.ResponseWriter, r *http.Request) {
	f, ok := a.files["index.html"]
	if !ok {
		f = file{body: []byte(unbuilt), etag: `"unbuilt"`, kind: kind(".html")}
	}
	f.serve(w, r, "no-cache")
}

// asset is a file whose name has a hash of its content, so it may be kept for ever.
func (a *assets) asset(w http.ResponseWriter, r *http.Request) {
	f, ok := a.files["assets/"+r.PathValue("name")]
	if !ok {
		refuse(w, http.StatusNotFound, "the app has no file "+r.URL.Path+"; reload the page, it may be of an earlier version")
		return
	}
	f.serve(w, r, "public, max-age=31536000, immutable")
}

func (f file) serve(w http.ResponseWriter, r *http.Request, cache string) {
	h := w.Header()
	h.Set("ETag", f.etag)
	h.Set("Cache-Control", cache)
	h.Set("Content-Security-Policy", policy)
	h.Set("Referrer-Policy", "no-referrer") // the address may hold the token for a moment
	h.Set("X-Content-Type-Options", "nosniff")
	if r.Header.Get("If-None-Match") == f.etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", f.kind)
	w.Write(f.body) // an error means that the client has gone
}

const unbuilt = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Titrate: the app is not built</title>
<h1>The app is not built</h1>
<p>This program was compiled without its web app. With Node 20 or later, run
<code>make app</code> and then <code>make build</code>, and start it again.</p>
<p>The API works: <a href="/openapi.json">its description</a>.</p>
<p>Research software. Not a medical device.</p>
</html>
`
