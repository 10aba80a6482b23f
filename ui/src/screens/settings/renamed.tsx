import { Trans } from "@lingui/react/macro";
import { useState } from "react";

/** A name that becomes an input when it is clicked; Esc takes the typing back. */
export function Renamed({ value, label, onSave }: { value: string; label: string; onSave(next: string): void }) {
  const [draft, setDraft] = useState<string | null>(null);
  const done = () => {
    const next = draft?.trim();
    if (next && next !== value) onSave(next);
    setDraft(null);
  };
  if (draft === null)
    return <button type="button" className="fedit" onClick={() => setDraft(value)}><span className="visually-hidden"><Trans>Rename:</Trans> </span><bdi className="ell">{value}</bdi></button>;
  return (
    <span className="inp"><input autoFocus value={draft} aria-label={label} onChange={(e) => setDraft(e.target.value)} onBlur={done}
      onKeyDown={(e) => { if (e.key === "Enter") done(); if (e.key === "Escape") { e.preventDefault(); setDraft(null); } e.stopPropagation(); }} /></span>
  );
}
