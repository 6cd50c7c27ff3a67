// The token and the chosen person, from the address or from this tab's storage.

const key = "titrate.token";

// takeToken reads the token that the address brought and removes it from the
// address bar, where it would end up in screenshots and bookmarks.
export function takeToken(): string | null {
  const given = fromAddress(location.href);
  if (given.token) {
    sessionStorage.setItem(key, given.token);
    history.replaceState(null, "", given.rest);
  }
  return sessionStorage.getItem(key);
}

export function keepToken(token: string): void {
  sessionStorage.setItem(key, token);
}

export function dropToken(): void {
  sessionStorage.removeItem(key);
}

// fromAddress finds #token=… or ?token=…, and says what remains of the address.
export function fromAddress(href: string): { token: string | null; rest: string } {
  const url = new URL(href);
  const hash = new URLSearchParams(url.hash.slice(1));
  const token = hash.get("token") ?? url.searchParams.get("token");
  hash.delete("token");
  url.searchParams.delete("token");
  url.hash = hash.toString();
  return { token, rest: url.pathname + url.search + url.hash };
}

// The chosen person is in the address, so that reload and back work.
export function patientInAddress(): string | null {
  return new URLSearchParams(location.hash.slice(1)).get("patient") || null;
}

export function patientToAddress(id: string): void {
  history.replaceState(null, "", `#${new URLSearchParams({ patient: id })}`);
}

// A preference of the reader, kept on this device.
export function preference<T extends string>(name: string, values: readonly T[]): T {
  const saved = localStorage.getItem(`titrate.${name}`);
  return values.find((v) => v === saved) ?? (values[0] as T);
}

export function prefer(name: string, value: string): void {
  localStorage.setItem(`titrate.${name}`, value);
}
