import type { MessageDescriptor } from "@lingui/core";
import { i18n } from "@lingui/core";
import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useEffect, useRef } from "react";
import { CELL_KEYS, COMMANDS, GROUPS, keycaps, keysOf, ROW_KEYS, useBindings } from "../commands";
import { Kbd } from "./kbd";
import { isThere } from "./lost-focus";

/** The cheat sheet, made from the command list. */
export function Keys({ onClose }: { onClose(): void }) {
  useBindings();
  const box = useRef<HTMLDivElement>(null);
  // What is behind it does not hear the keys.
  useEffect(() => {
    const before = document.activeElement;
    box.current?.focus();
    return () => {
      if (isThere(before)) before.focus();
    };
  }, []);
  return (
    <>
      <button type="button" className="scrim" aria-label={t`Close`} onClick={onClose} tabIndex={-1} />
      <div ref={box} tabIndex={0} className="dlg keys" role="dialog" aria-modal="true" aria-labelledby="keys-title"
        onKeyDown={(event) => { if (event.key !== "Tab") return; event.preventDefault(); box.current?.focus(); }}>
        <header className="row between">
          <h2 id="keys-title" className="t16"><Trans>Keyboard</Trans></h2>
          <span className="kbd">Esc</span>
        </header>
        <div className="keygroups">
          {Object.entries(GROUPS).map(([group, heading]) => (
            <section key={group}>
              <h3>{i18n._(heading)}</h3>
              <ul>
                {COMMANDS.filter((one) => one.group === group && keysOf(one.id) !== "").map((one) => (
                  <li key={one.id} className="row">
                    <span className="sp">{i18n._(one.title)}</span>
                    <span className="row g4"><Kbd of={one.id} /></span>
                  </li>
                ))}
                {group === "move" && <Always keys={ROW_KEYS} />}
              </ul>
            </section>
          ))}
          <section>
            <h3><Trans>Cells of the list</Trans></h3>
            <ul><Always keys={CELL_KEYS} /></ul>
          </section>
        </div>
      </div>
    </>
  );
}

/** Keys that nobody gives others. */
const Always = ({ keys }: { keys: [string, MessageDescriptor][] }) =>
  keys.map(([keys, title]) => <li key={keys} className="row"><span className="sp">{i18n._(title)}</span><span className="row g4">{keycaps(keys).map((cap) => <span key={cap} className="kbd">{cap}</span>)}</span></li>);
