package nightscout

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/titrate/titrate/ingest/gateway"
)

// token answers who asks for a Bearer token. It is the secret itself: what is
// signed and runs out would need a key to keep, and opens no less.
func (d *Door) token(c *call) {
	now := d.now()
	answer(c.w, map[string]any{
		"token": c.path["token"], "sub": c.who.Patient, "permissionGroups": [][]string{permissions(c.who)},
		"iat": now.Unix(), "exp": now.Add(8 * time.Hour).Unix(),
	})
}

func permissions(who gateway.Holder) (all []string) {
	if who.Read {
		all = append(all, "*:*:read")
	}
	if who.Write {
		all = append(all, "*:*:create", "*:*:update", "*:*:delete")
	}
	return all
}

func verified(who gateway.Holder, known bool) any {
	message, role := "UNAUTHORIZED", "NOTFOUND"
	if known {
		message, role = "OK", "FOUND"
	}
	return map[string]any{"status": 200, "message": map[string]any{
		"canRead": who.Read, "canWrite": who.Write, "isAdmin": false,
		"message": message, "rolefound": role, "permissions": "ROLE",
	}}
}

func unauthorized() *gateway.Refusal {
	return &gateway.Refusal{Status: http.StatusUnauthorized, Reason: "Unauthorized"}
}

func missing() *gateway.Refusal {
	return &gateway.Refusal{Status: http.StatusNotFound, Reason: "Not Found"}
}

func fail(w http.ResponseWriter, refused *gateway.Refusal) {
	body := map[string]any{"status": refused.Status, "message": refused.Reason}
	if refused.Status == http.StatusUnauthorized {
		body["description"] = "Invalid/Missing"
	}
	if refused.Retry > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(refused.Retry))
	}
	write(w, refused.Status, body)
}

func answer(w http.ResponseWriter, v any) { write(w, http.StatusOK, v) }

// write ignores a failing write: the client is gone, and nobody is left to be told.
func write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	if all, ok := v.([]json.RawMessage); ok && len(all) > 0 && !slices.ContainsFunc(all, func(raw json.RawMessage) bool { return len(raw) == 0 }) {
		_, _ = w.Write(listed(all))
		return
	}
	_ = json.NewEncoder(w).Encode(v)
}

// listed is a JSON array of what is JSON already.
func listed(all []json.RawMessage) []byte {
	size := len("[\n]")
	for _, raw := range all {
		size += len(raw) + len(",")
	}
	b := append(make([]byte, 0, size), '[')
	for i, raw := range all {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, raw...)
	}
	return append(b, "]\n"...)
}
