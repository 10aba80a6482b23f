import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { X } from "lucide-react";
import { createContext, type ReactNode, useCallback, useContext, useMemo, useRef, useState } from "react";

interface Toast {
  id: number;
  text: string;
  undo?: () => void;
  keyless?: boolean;
}

interface How {
  /** What the desktop already told, or nobody waits for: somebody who looks elsewhere is not told of it. */
  quiet?: boolean;
  /** Ctrl+Z would take back only a part of it: the button does not name the keys. */
  keyless?: boolean;
}

const Toasts = createContext<(text: string, undo?: () => void, how?: How) => void>(() => {});
const SHOWN_MS = 10_000;

/** Says what was done, with the way back beside it. Stays while it is pointed at. Somebody who looks elsewhere is told by `onUnseen`. */
export function ToastProvider({ children, onUnseen }: { children: ReactNode; onUnseen(text: string): void }) {
  const [toasts, setToasts] = useState<Toast[]>([]);
  const next = useRef(0);
  const timers = useRef(new Map<number, number>());
  const drop = useCallback((id: number) => setToasts((all) => all.filter((toast) => toast.id !== id)), []);
  const start = useCallback(
    (id: number) => void timers.current.set(id, window.setTimeout(() => drop(id), SHOWN_MS)),
    [drop],
  );
  const stop = (id: number) => window.clearTimeout(timers.current.get(id));
  const show = useCallback(
    (text: string, undo?: () => void, { quiet = false, keyless = false }: How = {}) => {
      const id = next.current++;
      setToasts((all) => [...all.slice(-2), undo ? { id, text, undo, keyless } : { id, text }]);
      start(id);
      if (!quiet && !document.hasFocus()) onUnseen(text);
    },
    [start, onUnseen],
  );
  return (
    <Toasts.Provider value={useMemo(() => show, [show])}>
      {children}
      <div className="toasts" role="status" aria-live="polite">
        {toasts.map(({ id, text, undo, keyless }, at) => (
          <div key={id} className="toast" onMouseEnter={() => stop(id)} onMouseLeave={() => start(id)} onFocus={() => stop(id)} onBlur={() => start(id)}>
            <span>{text}</span>
            {undo && (
              <button type="button" className="btn sm" onClick={() => { undo(); drop(id); }}>
                <Trans>Undo</Trans> {at === toasts.length - 1 && !keyless && <><span className="kbd">Ctrl</span><span className="kbd">Z</span></>}
              </button>
            )}
            <button type="button" className="btn gh ic sm" aria-label={t`Close`} onClick={() => drop(id)}>
              <X />
            </button>
          </div>
        ))}
      </div>
    </Toasts.Provider>
  );
}

export const useToast = () => useContext(Toasts);
