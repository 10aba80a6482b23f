import { useEffect } from "react";

/** Ctrl Enter presses the main button of the page, wherever the focus is. */
export function useSubmitKey() {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || document.querySelector("[aria-modal=true]")) return;
      event.preventDefault();
      document.querySelector<HTMLButtonElement>(".act .btn.pri:enabled")?.click();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}
