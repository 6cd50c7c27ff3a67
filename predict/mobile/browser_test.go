package mobile

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// page is the app in a real browser. Set TITRATE_SHOTS to a directory to get
// pictures of what the tests see.
type page struct {
	t   *testing.T
	ctx context.Context

	mu     sync.Mutex
	errors []string // of the console
}

func openPage(t *testing.T) *page {
	t.Helper()
	if _, ok := openAssets(built()).files["index.html"]; !ok {
		missing(t, "the app is not built: run make app")
	}
	allocator, release := chromedp.NewExecAllocator(t.Context(), chromedp.ExecPath(browser(t)), chromedp.UserDataDir(t.TempDir()),
		chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-dev-shm-usage", true))
	ctx, closeTab := chromedp.NewContext(allocator)
	ctx, giveUp := context.WithTimeout(ctx, 90*time.Second)
	t.Cleanup(func() {
		giveUp()
		closeTab()
		release()
	})
	p := &page{t: t, ctx: ctx}
	if err := chromedp.Listen(ctx, p.listen); err != nil {
		t.Fatal(err)
	}
	return p
}

// browser is the path of a Chromium, or the test is skipped.
func browser(t *testing.T) string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "headless-shell"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	missing(t, "no browser found: install chromium, chromium-browser or google-chrome")
	return ""
}

// missing skips the test, or fails it where TITRATE_REQUIRE_BROWSER says that
// nothing may be missing.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("TITRATE_REQUIRE_BROWSER") != "" {
		t.Fatal(what)
	}
	t.Skip(what)
}

// listen collects what would be red in the console.
func (p *page) listen(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		p.errors = append(p.errors, fmt.Sprintf("exception: %+v", *e.ExceptionDetails))
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" {
			p.errors = append(p.errors, "console.error")
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == "error" {
			p.errors = append(p.errors, e.Entry.Text+" "+e.Entry.URL)
		}
	}
}

func (p *page) do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, actions...); err != nil {
		p.t.Fatalf("%v; console: %v", err, p.complaints())
	}
}

// run is the value of a JavaScript expression.
func run[T any](p *page, js string) T {
	p.t.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](js))
	if err != nil {
		p.t.Fatalf("%s: %v", js, err)
	}
	return v
}

func (p *page) complaints() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string{}, p.errors...)
}

// size makes the window so large, as a phone if it is narrow.
func (p *page) size(width, height int64) {
	options := []chromedp.EmulateViewportOption{chromedp.EmulateScale(2)}
	if width < 500 {
		options = append(options, chromedp.EmulateMobile)
	}
	p.do(chromedp.EmulateViewport(width, height, options...))
}

// sees waits until the element that selector names says text.
func (p *page) sees(selector, text string) {
	p.t.Helper()
	js := fmt.Sprintf("(() => { const e = document.querySelector(`%s`); return !!e && e.textContent.includes(`%s`) })()", selector, text)
	if _, err := chromedp.Run(p.ctx, chromedp.Poll[bool](js, chromedp.WithPollingTimeout(20*time.Second))); err != nil {
		p.t.Fatalf("%s never said %q: %v\nconsole: %v\nthe page:\n%s", selector, text, err, p.complaints(), run[string](p, "document.body.innerText"))
	}
}

// press clicks the button in the region called scope whose text is label.
func (p *page) press(scope, label string) {
	p.t.Helper()
	p.do(chromedp.Click(fmt.Sprintf(`//*[@aria-label="%s"]//button[normalize-space()="%s"]`, scope, label)))
}

func (p *page) shoot(name string) {
	dir := os.Getenv("TITRATE_SHOTS")
	if dir == "" {
		return
	}
	p.do(chromedp.Sleep(500 * time.Millisecond))
	p.picture(filepath.Join(dir, name+".png"), chromedp.CaptureScreenshot())
	p.picture(filepath.Join(dir, name+"-full.png"), chromedp.FullScreenshot(100))
}

func (p *page) picture(path string, take chromedp.Action[[]byte]) {
	png, err := chromedp.Run(p.ctx, take)
	if err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(path, png, 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// noSideways fails if the page can be scrolled to the side.
func (p *page) noSideways() {
	p.t.Helper()
	if over := run[int](p, "document.documentElement.scrollWidth - document.documentElement.clientWidth"); over > 0 {
		p.t.Errorf("the page is %d px wider than the window", over)
	}
}

func (p *page) tokenIsHidden() {
	p.t.Helper()
	if address := run[string](p, "location.href"); strings.Contains(address, token) {
		p.t.Errorf("the address still shows the token: %s", address)
	}
}
