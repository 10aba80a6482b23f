import { useEffect, useState } from "react";

const PAUSE_MS = 200;

/** A text as it is when nobody types for a moment. */
export function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    if (text === settled) return;
    const timer = window.setTimeout(() => setSettled(text), PAUSE_MS);
    return () => window.clearTimeout(timer);
  }, [text, settled]);
  return settled;
}
