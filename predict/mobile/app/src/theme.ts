// Light or dark: the device's choice, unless the reader chose otherwise. The page
// carries the outcome as data-theme.

import { prefer, preference } from "./session";

const themes = ["auto", "light", "dark"] as const;

export function isDark(): boolean {
  return document.documentElement.dataset.theme === "dark";
}

// followTheme sets the colours, and again whenever the device changes its mind.
export function followTheme(): void {
  const device = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const chosen = preference("theme", themes);
    const dark = chosen === "auto" ? device.matches : chosen === "dark";
    document.documentElement.dataset.theme = dark ? "dark" : "light";
  };
  device.addEventListener("change", apply);
  apply();
}

export function toggleTheme(): void {
  const next = isDark() ? "light" : "dark";
  prefer("theme", next);
  document.documentElement.dataset.theme = next;
}

// onTheme calls back when the colours changed; it returns how to stop that.
export function onTheme(changed: () => void): () => void {
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  return () => observer.disconnect();
}
