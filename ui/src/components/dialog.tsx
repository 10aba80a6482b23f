import { t } from "@lingui/core/macro";
import { type ReactNode, useEffect, useId, useRef } from "react";

interface Props {
  title: string;
  onClose(): void;
  /** Enter in a field does this. */
  onSubmit(): void;
  children: ReactNode;
  /** The buttons, the one that does it last. */
  buttons: ReactNode;
  width?: number;
  /** What runs, or what is seen only once, keeps it open: Esc and a click beside it do nothing. */
  isHeld?: boolean;
}

/** A question over the page. Esc closes it, Tab stays inside, and the focus goes back to where it was. */
export function Dialog({ title, onClose, onSubmit, children, buttons, width = 520, isHeld = false }: Props) {
  const box = useRef<HTMLFormElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    box.current?.querySelector<HTMLElement>("input, select, textarea, button")?.focus();
    return () => {
      // What had the focus may be gone with what was done here.
      const there = before instanceof HTMLElement && before.isConnected ? before : document.querySelector<HTMLElement>("[role=grid]");
      there?.focus();
    };
  }, []);
  const onKey = (event: React.KeyboardEvent) => {
    event.stopPropagation();
    if (event.key === "Escape") {
      event.preventDefault();
      if (!isHeld) onClose();
    }
    if (event.key !== "Tab") return;
    const all = [...(box.current?.querySelectorAll<HTMLElement>("input, select, textarea, button:not(:disabled), summary") ?? [])];
    const [first, last] = [all[0], all.at(-1)];
    if (event.shiftKey && document.activeElement === first) {
      event.preventDefault();
      last?.focus();
    } else if (!event.shiftKey && document.activeElement === last) {
      event.preventDefault();
      first?.focus();
    }
  };
  return (
    <>
      <button type="button" className="scrim" aria-label={t`Close`} onClick={onClose} disabled={isHeld} tabIndex={-1} />
      <form ref={box} className="dlg" role="dialog" aria-modal="true" tabIndex={-1} aria-labelledby={id} style={{ width }} onKeyDown={onKey} onSubmit={(event) => { event.preventDefault(); onSubmit(); }}>
        <div className="pad col dlgbody">
          <h2 id={id} className="t16">{title}</h2>
          {children}
        </div>
        <footer>{buttons}</footer>
      </form>
    </>
  );
}
