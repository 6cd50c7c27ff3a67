package nightscout

import (
	"net/http"
	"slices"
	"strings"
)

// needs is what a route asks of who comes.
type needs int

const (
	nothing needs = iota // the handler decides
	reading
	writing
)

// route is one operation of the API. {places} match one part of the path, {rest...}
// all that follow.
type route struct {
	method, path string
	needs        needs
	documents    bool // is about documents: waits for the View
	handle       func(*Door, *call)
}

const tokenPath = "/api/v2/authorization/request/"

// table is all that the door answers; the first that matches does.
func table() []route {
	return []route{
		{"GET", "/api/v1/verifyauth", nothing, false, (*Door).verify},
		{"GET", "/api/v1/status", reading, false, (*Door).status},
		{"GET", "/api/v1/experiments/test", writing, false, (*Door).experiment},
		{"GET", tokenPath + "{token}", reading, false, (*Door).token},
		{"GET", "/pebble", reading, true, (*Door).pebble},
		{"GET", "/api/v1/slice/{collection}/{field}/{type}/{prefix}", reading, true, (*Door).slice},
		{"GET", "/api/v1/slice/{collection}/{field}/{type}/{prefix}/{pattern...}", reading, true, (*Door).slice},
		{"GET", "/api/v1/times/{prefix}", reading, true, (*Door).times},
		{"GET", "/api/v1/times/{prefix}/{pattern...}", reading, true, (*Door).times},
		{"GET", "/api/v1/{collection}", reading, true, (*Door).get},
		{"GET", "/api/v1/{collection}/{which}", reading, true, (*Door).get},
		{"POST", "/api/v1/{collection}", writing, true, (*Door).store},
		{"PUT", "/api/v1/{collection}", writing, true, (*Door).store},
		{"DELETE", "/api/v1/{collection}", writing, true, (*Door).delete},
		{"DELETE", "/api/v1/{collection}/{which}", writing, true, (*Door).delete},
		{"GET", "/api/v3/version", reading, false, (*Door).version3},
		{"GET", "/api/v3/status", reading, false, (*Door).version3},
		{"GET", "/api/v3/lastModified", reading, true, (*Door).lastModified3},
		{"GET", "/api/v3/{collection}", reading, true, (*Door).search3},
		{"POST", "/api/v3/{collection}", writing, true, (*Door).create3},
		{"GET", "/api/v3/{collection}/history", reading, true, (*Door).history3},
		{"GET", "/api/v3/{collection}/history/{since}", reading, true, (*Door).history3},
		{"GET", "/api/v3/{collection}/{identifier}", reading, true, (*Door).read3},
		{"PUT", "/api/v3/{collection}/{identifier}", writing, true, (*Door).update3},
		{"PATCH", "/api/v3/{collection}/{identifier}", writing, true, (*Door).patch3},
		{"DELETE", "/api/v3/{collection}/{identifier}", writing, true, (*Door).delete3},
	}
}

// Operations are the routes as "METHOD /path/{place}", for who describes them.
func Operations() (all []string) {
	for _, to := range table() {
		all = append(all, to.method+" "+to.path)
	}
	return all
}

// formats are what a path may end with.
var formats = []string{"json", "csv", "tsv", "txt", "xml", "html"}

// signpost is a route with its path in parts.
type signpost struct {
	route
	parts []string
}

func signposts() (all []signpost) {
	for _, to := range table() {
		all = append(all, signpost{to, strings.Split(to.path[1:], "/")})
	}
	return all
}

// route finds the route of the request and fills in path and format. Without one it
// is nil; allowed are then the methods of others for the same path.
func (c *call) route(all []signpost) (to *route, allowed []string) {
	parts := slices.DeleteFunc(strings.Split(c.r.URL.Path, "/"), func(s string) bool { return s == "" })
	if n := len(parts); n > 0 {
		if dot := strings.LastIndexByte(parts[n-1], '.'); dot > 0 && slices.Contains(formats, parts[n-1][dot+1:]) {
			parts[n-1], c.format = parts[n-1][:dot], parts[n-1][dot+1:]
		}
	}
	method := c.r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	for i := range all {
		switch to := &all[i]; {
		case !matches(to.parts, parts):
		case to.method == method:
			c.path = places(to.parts, parts)
			return &to.route, nil
		default:
			allowed = append(allowed, to.method)
		}
	}
	return nil, allowed
}

func matches(pattern, parts []string) bool {
	for i, p := range pattern {
		if i >= len(parts) || p[0] != '{' && p != parts[i] {
			return false
		}
		if strings.HasSuffix(p, "...}") {
			return true
		}
	}
	return len(parts) == len(pattern)
}

// places are what parts have at the {places} of a pattern that they match.
func places(pattern, parts []string) map[string]string {
	path := map[string]string{}
	for i, p := range pattern {
		if name, place := strings.CutPrefix(p, "{"); place {
			name = strings.TrimSuffix(name, "}")
			path[name] = parts[i]
			if rest, many := strings.CutSuffix(name, "..."); many {
				path[rest] = strings.Join(parts[i:], "/")
			}
		}
	}
	return path
}
