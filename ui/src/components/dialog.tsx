import { t } from "@lingui/core/macro";
import { type ReactNode, useEffect, useId, useRef } from "react";
import { isThere, lastFocused } from "./lost-focus";

/** Where Tab can stop. */
const STOPS = "input:not(:disabled), select:not(:disabled), textarea:not(:disabled), button:not(:disabled), summary";
/** One of several radios: together they are one stop. */
const isRadio = (one: Element | null): one is HTMLInputElement => one instanceof HTMLInputElement && one.type === "radio";
const isSameStop = (one: Element | null, other: Element | undefined) => one === other || (other !== undefined && isRadio(one) && isRadio(other) && one.name === other.name);
/** The stop that an element belongs to: of radios the one that is chosen. */
function stopOf(box: HTMLElement, one: HTMLElement | undefined): HTMLElement | undefined {
  if (!one || !isRadio(one)) return one;
  return [...box.querySelectorAll<HTMLInputElement>("input[type=radio]:checked")].find(({ name }) => name === one.name) ?? one;
}

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
    const before = document.activeElement === document.body ? lastFocused() : document.activeElement;
    if (box.current) stopOf(box.current, box.current.querySelector<HTMLElement>(STOPS) ?? undefined)?.focus();
    return () => {
      // What had the focus may be gone, or disabled, with what was done here.
      const there = isThere(before) ? before : document.querySelector<HTMLElement>("[role=grid]");
      there?.focus();
    };
  }, []);
  const onKey = (event: React.KeyboardEvent) => {
    event.stopPropagation();
    if (event.key === "Escape") {
      event.preventDefault();
      if (!isHeld) onClose();
    }
    if (event.key !== "Tab" || !box.current) return;
    const all = [...box.current.querySelectorAll<HTMLElement>(STOPS)];
    const [from, to] = event.shiftKey ? [all[0], all.at(-1)] : [all.at(-1), all[0]];
    const at = document.activeElement;
    const isInside = at !== box.current && box.current.contains(at) && isThere(at);
    if (isInside && !isSameStop(at, from)) return;
    event.preventDefault();
    stopOf(box.current, to)?.focus();
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
