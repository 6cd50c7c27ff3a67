import { useState } from "preact/hooks";
import { patients, Refused } from "../api";

const mistaken = "That token was not accepted. Copy it again from where Titrate was started.";

export function SignIn(props: { wrong: boolean; onToken: (token: string) => void }) {
  const [token, setToken] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(props.wrong ? mistaken : "");
  const submit = async (e: Event) => {
    e.preventDefault();
    setBusy(true);
    setError("");
    try {
      await patients(token.trim());
      props.onToken(token.trim());
    } catch (err) {
      const refused = err instanceof Refused && err.status === 401;
      setError(refused ? mistaken : "The server can't be reached. Check that Titrate is running.");
      setBusy(false);
    }
  };
  return (
    <main class="sign-in">
      <form class="card" onSubmit={submit}>
        <p class="brand">Titrate</p>
        <h1>Sign in</h1>
        <p class="muted">
          Titrate prints an address with a token when it starts. Open that, or enter the token.
        </p>
        <label for="token">Token</label>
        <input
          id="token"
          type="password"
          autocomplete="current-password"
          required
          value={token}
          onInput={(e) => setToken(e.currentTarget.value)}
          aria-invalid={error !== ""}
          aria-describedby="token-error"
        />
        <p id="token-error" class="error" role="alert">
          {error}
        </p>
        <button class="primary" type="submit" disabled={busy || token.trim() === ""}>
          {busy ? "Signing in…" : "Sign in"}
        </button>
        <p class="disclaimer">Research software. Not a medical device.</p>
      </form>
    </main>
  );
}
