import { COMMANDS, keycaps } from "../commands";

/** The cheat sheet, made from the command list. */
export function Keys({ onClose }: { onClose(): void }) {
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
                {COMMANDS.filter((one) => one.group === group && "keys" in one).map((one) => (
                  <li key={one.id} className="row">
                    <span className="sp">{one.title}</span>
                    {"keys" in one && keycaps(one.keys).map((cap) => <span key={cap} className="kbd">{cap}</span>)}
                  </li>
                ))}
              </ul>
            </section>
          ))}
        </div>
      </div>
    </>
  );
}
