import { useCallback, useEffect, useMemo, useState } from "react";

export type ThemeChoice = "system" | "light" | "dark";
const KEY = "cardfile.theme";

/** The look of this computer's window; not kept in the workspace. */
export function useTheme() {
  const [choice, setChoice] = useState<ThemeChoice>(() => (localStorage.getItem(KEY) as ThemeChoice | null) ?? "system");
  useEffect(() => {
    localStorage.setItem(KEY, choice);
    if (choice === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = choice;
  }, [choice]);
  const toggle = useCallback(() => {
    const dark = document.documentElement.dataset.theme
      ? document.documentElement.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    setChoice(dark ? "light" : "dark");
  }, []);
  return useMemo(() => ({ choice, set: setChoice, toggle }), [choice, toggle]);
}
