import { CELL_KEYS, COMMANDS, keycaps, keysOf, useBindings } from "../commands";
import { Kbd } from "./kbd";

/** The cheat sheet, made from the command list. */
export function Keys({ onClose }: { onClose(): void }) {
  useBindings();
  const groups = [...new Set(COMMANDS.map((command) => command.group))];
  return (
    <>
      <button type="button" className="scrim" aria-label="Close" onClick={onClose} tabIndex={-1} />
      <div className="dlg keys" role="dialog" aria-modal="true" aria-labelledby="keys-title">
        <header className="row between">
          <h2 id="keys-title" className="t16">Keyboard</h2>
          <span className="kbd">Esc</span>
        </header>
        <div className="keygroups">
          {groups.map((group) => (
            <section key={group}>
              <h3>{group}</h3>
              <ul>
                {COMMANDS.filter((one) => one.group === group && keysOf(one.id) !== "").map((one) => (
                  <li key={one.id} className="row">
                    <span className="sp">{one.title}</span>
                    <Kbd of={one.id} />
                  </li>
                ))}
              </ul>
            </section>
          ))}
          <section>
            <h3>Cells of the list</h3>
            <ul>{CELL_KEYS.map(([keys, title]) => <li key={keys} className="row"><span className="sp">{title}</span><span className="row g4">{keycaps(keys).map((cap) => <span key={cap} className="kbd">{cap}</span>)}</span></li>)}</ul>
          </section>
        </div>
      </div>
    </>
  );
}
