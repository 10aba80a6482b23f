import { i18n } from "@lingui/core";
import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Search } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useCommand } from "../api/cache";
import { COMMANDS, type CommandId } from "../commands";
import { Avatar } from "./avatar";
import { Kbd } from "./kbd";

interface Props {
  onCommand(id: CommandId): void;
  onClose(): void;
}

/** People first, then commands. */
export function Palette({ onCommand, onClose }: Props) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const input = useRef<HTMLInputElement>(null);
  const view = useCommand("view_open", { query: text, filter: "", sort: ["-last_seen"], inBin: false, inTexts: false }, text.trim() !== "");
  const opened = text.trim() ? view.data : undefined;
  const rows = useCommand("view_rows", { view: opened?.view ?? 0, from: 0, to: 5 }, opened !== undefined);
  useEffect(() => input.current?.focus(), []);

  const people = opened ? (rows.data?.rows ?? []).filter((row) => row !== null) : [];
  const commands = COMMANDS.map(({ id, title, group }) => ({ id, title: i18n._(title), group })).filter((one) => one.id !== "palette" && one.title.toLowerCase().includes(text.trim().toLowerCase()));
  const items: { key: string; run(): void }[] = [
    ...people.map((row) => ({ key: row.id, run: () => { window.dispatchEvent(new CustomEvent("cardfile:open", { detail: row.id })); onClose(); } })),
    ...commands.map((one) => ({ key: one.id, run: () => onCommand(one.id) })),
  ];
  const current = Math.min(at, items.length - 1);

  /** People stand before commands and come later: Enter on the first waits until they are found. */
  const [entered, setEntered] = useState(false);
  const comes = ({ isLoading, isPlaceholderData }: { isLoading: boolean; isPlaceholderData: boolean }) => isLoading || isPlaceholderData;
  const isAnswered = text.trim() === "" || !(comes(view) || (opened && comes(rows)));
  useEffect(() => {
    if (!entered || !isAnswered) return;
    setEntered(false);
    items[current]?.run();
  });

  const onKey = (event: React.KeyboardEvent) => {
    if (event.key === "ArrowDown") setAt(Math.min(current + 1, items.length - 1));
    else if (event.key === "ArrowUp") setAt(Math.max(current - 1, 0));
    else if (event.key === "Enter" && !isAnswered && at === 0) setEntered(true);
    else if (event.key === "Enter") items[current]?.run();
    else return;
    event.preventDefault();
  };

  return (
    <>
      <button type="button" className="scrim" aria-label={t`Close`} onClick={onClose} tabIndex={-1} />
      <div className="dlg pal" role="dialog" aria-modal="true" tabIndex={-1} aria-label={t`Search or jump to`}
        onKeyDown={(event) => { if (event.key !== "Tab") return; event.preventDefault(); input.current?.focus(); }}>
        <div className="pin">
          <Search />
          <input ref={input} value={text} onChange={(e) => { setText(e.target.value); setAt(0); setEntered(false); }} onKeyDown={onKey}
            placeholder={t`A name, an email, a phone, or a command`} aria-label={t`Search or jump to`} role="combobox"
            aria-expanded="true" aria-controls="palette-list" aria-activedescendant={items[current] ? `pal-${items[current].key}` : undefined} />
          <span className="kbd">Esc</span>
        </div>
        <div className="plist" id="palette-list" role="listbox" aria-label={t`Found`}>
          {people.length > 0 && <div className="pg" role="presentation"><Trans>People</Trans></div>}
          {people.map((row, i) => (
            <div key={row.id} id={`pal-${row.id}`} role="option" aria-selected={i === current} tabIndex={-1}
              className={`pi ${i === current ? "on" : ""}`} onClick={() => items[i]?.run()} onKeyDown={onKey}>
              <Avatar name={row.name} organization={row.kind === "organization"} size="s24" />
              <bdi className="ell">{row.name}</bdi>
              <span className="mut ell sp">{row.email || row.phone}</span>
            </div>
          ))}
          {commands.length > 0 && <div className="pg" role="presentation"><Trans>Commands</Trans></div>}
          {commands.map((one, i) => {
            const place = people.length + i;
            return (
              <div key={one.id} id={`pal-${one.id}`} role="option" aria-selected={place === current} tabIndex={-1}
                className={`pi ${place === current ? "on" : ""}`} onClick={() => onCommand(one.id)} onKeyDown={onKey}>
                <span className="ell sp">{one.group === "go" ? t`Go to ${{ place: one.title }}` : one.title}</span>
                <Kbd of={one.id} />
              </div>
            );
          })}
          {items.length === 0 && <p className="mut none"><Trans>Nothing is called that.</Trans></p>}
        </div>
      </div>
    </>
  );
}
