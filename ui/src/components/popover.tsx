import { type ReactNode, useEffect, useId, useRef, useState } from "react";

interface Props {
  label: ReactNode;
  /** What the panel is about, for those who do not see it. */
  title: string;
  /** The button shows only a picture: the title is its name too. */
  picture?: boolean;
  className?: string;
  children(close: () => void): ReactNode;
  /** Opened from elsewhere, by a key. */
  open?: boolean;
  onOpen?(open: boolean): void;
}

/** A button with a panel under it. Esc and a click elsewhere close it. */
export function Popover({ label, title, picture = false, className = "btn gh sm", children, open: given, onOpen }: Props) {
  const [own, setOwn] = useState(false);
  const open = given ?? own;
  const box = useRef<HTMLSpanElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  const set = (next: boolean) => {
    setOwn(next);
    onOpen?.(next);
    if (!next) button.current?.focus();
  };
  useEffect(() => {
    if (!open) return;
    box.current?.querySelector<HTMLElement>(".pop input, .pop select, .pop textarea, .pop button")?.focus();
    const onPointer = (event: PointerEvent) => {
      if (!box.current?.contains(event.target as Node)) {
        setOwn(false);
        onOpen?.(false);
      }
    };
    window.addEventListener("pointerdown", onPointer);
    return () => window.removeEventListener("pointerdown", onPointer);
  }, [open, onOpen]);
  return (
    <span className="popbox" ref={box} onKeyDown={(event) => { if (event.key === "Escape" && open) { event.preventDefault(); event.stopPropagation(); set(false); } }}>
      <button type="button" ref={button} className={className} aria-expanded={open} aria-controls={open ? id : undefined} aria-label={picture ? title : undefined} onClick={() => set(!open)}>{label}</button>
      {open && <div className="pop" id={id} role="dialog" aria-label={title}>{children(() => set(false))}</div>}
    </span>
  );
}
