import { Trans } from "@lingui/react/macro";
import { Printer } from "lucide-react";
import type { ReactNode } from "react";
import { createPortal } from "react-dom";
import "./paper.css";

/** What a printer gets in place of the window, on A4. On the screen nothing of it is seen; of several the one that came last is printed. */
export function Paper({ children }: { children: ReactNode }) {
  return createPortal(<article className="paper">{children}</article>, document.body);
}

/** Prints the paper, or the page that is shown when there is none. */
export function Print({ small = false }: { small?: boolean }) {
  return <button type="button" className={`btn gh noprint ${small ? "sm" : ""}`} onClick={() => window.print()}><Printer /> <Trans>Print</Trans></button>;
}

/** Names and values, one below the other; what has no value is left out. */
export function PaperFacts({ facts }: { facts: [label: string, value: ReactNode][] }) {
  return <dl>{facts.filter(([, value]) => value !== "" && value !== null).map(([label, value]) => <div key={label}><dt>{label}</dt><dd>{value}</dd></div>)}</dl>;
}
