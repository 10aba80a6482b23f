import { i18n } from "@lingui/core";
import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ArrowDown, ArrowUp, Columns3, Lock } from "lucide-react";
import type { ContactRowView } from "../../api/generated/commands";
import { Avatar, hue } from "../../components/avatar";
import { type Arrangement, DEFAULT, DENSITIES } from "../../components/arrangement";
import { Popover } from "../../components/popover";
import { ago, capital, day, fieldLabel, time } from "../../text/words";

/** One column of the list. */
export interface Column {
  key: string;
  label: string;
  /** Pixels when nobody dragged it; the name takes what is left. */
  width: number;
  end?: boolean;
  cell(row: ContactRowView): React.ReactNode;
}

const moment = (iso: string | null) => (iso ? `${day(new Date(iso))}, ${time(iso)}` : "");
const text = (key: string, width: number, value: (row: ContactRowView) => string): Column =>
  ({ key, label: fieldLabel(key), width, cell: (row) => <bdi className="ell">{value(row)}</bdi> });

/** What may not be done with a card, where its name stands. */
function Locked({ by }: { by: string }) {
  const said = capital(by === "held" ? t`on hold: not deleted` : t`restricted: kept and not used`);
  return <span className="locked" title={said}><Lock role="img" aria-label={said} /></span>;
}

const builtIn = (): Column[] => [
  { key: "name", label: t`Name`, width: 200, cell: (row) => (
    <span className="row namecell"><Avatar name={row.name} organization={row.kind === "organization"} /><bdi className="nm ell">{row.name}</bdi>{row.lock && <Locked by={row.lock} />}</span>
  ) },
  text("email", 200, (row) => row.email),
  { key: "phone", label: t`Phone`, width: 150, cell: (row) => <bdi className="num ltr">{row.phone}</bdi> },
  text("company", 130, (row) => row.company),
  { key: "tags", label: t`Tags`, width: 150, cell: (row) => (
    // Tags that do not fit wrap into the next line, which is not shown: none is cut in two.
    <span className="tagline" title={row.tags.join(", ")}>{row.tags.map((tag) => <span key={tag} className="tag" style={{ "--h": hue(tag) } as React.CSSProperties}>{tag}</span>)}</span>
  ) },
  text("stage", 110, (row) => row.stage),
  { key: "source", label: t`Source`, width: 92, cell: (row) => <span className="mut">{row.source}</span> },
  { key: "last_seen", label: t`Seen`, width: 104, end: true, cell: (row) => <span className="mut num" title={moment(row.lastSeen)}>{ago(row.lastSeen)}</span> },
  { key: "first_seen", label: t`First seen`, width: 104, end: true, cell: (row) => <span className="mut num" title={moment(row.firstSeen)}>{ago(row.firstSeen)}</span> },
  { key: "created_at", label: t`Created`, width: 104, end: true, cell: (row) => <span className="mut num" title={moment(row.createdAt)}>{ago(row.createdAt)}</span> },
  { key: "conversation_count", label: t`Chats`, width: 72, end: true, cell: (row) => <span className="mut num">{row.conversationCount || ""}</span> },
];

/** Every column there can be: ours, and one for each custom field. */
export function allColumns(customFields: { key: string; label: string }[]): Column[] {
  return [...builtIn(), ...customFields.map((field): Column => ({
    key: `custom.${field.key}`, label: field.label, width: 120, cell: (row) => <bdi className="ell">{row.custom[field.key] ?? ""}</bdi>,
  }))];
}

interface ChooserProps {
  all: Column[];
  value: Arrangement;
  onChange(value: Arrangement): void;
}

/** Which columns, in which order, and how high a row is. */
export function Chooser({ all, value, onChange }: ChooserProps) {
  const chosen = value.columns.map((key) => all.find((column) => column.key === key)).filter((column) => column !== undefined);
  const others = all.filter((column) => !value.columns.includes(column.key));
  const put = (columns: string[]) => onChange({ ...value, columns });
  const move = (key: string, by: number) => {
    const at = value.columns.indexOf(key);
    const next = value.columns.filter((one) => one !== key);
    next.splice(Math.max(1, at + by), 0, key);
    put(next);
  };
  return (
    <Popover label={<Columns3 />} title={t`Columns`} picture className="btn ic gh sm">
      {() => (
        <div className="chooser">
          <div className="row between"><b className="w6"><Trans>Columns</Trans></b>
            <span className="seg sm" role="group" aria-label={t`Row height`}>
              {DENSITIES.map(([key, label]) => <button key={key} type="button" className={value.density === key ? "on" : ""} aria-pressed={value.density === key} onClick={() => onChange({ ...value, density: key })}>{i18n._(label)}</button>)}
            </span>
          </div>
          <ul>
            {chosen.map(({ key: own, label }, at) => (
              <li key={own}>
                <label className="row sp"><input type="checkbox" checked disabled={own === "name"} onChange={() => put(value.columns.filter((key) => key !== own))} /><span className="ell">{label}</span></label>
                <button type="button" className="btn ic sm gh" aria-label={t`Move ${label} to the front`} disabled={at < 2} onClick={() => move(own, -1)}><ArrowUp /></button>
                <button type="button" className="btn ic sm gh" aria-label={t`Move ${label} to the back`} disabled={at === 0 || at + 1 === chosen.length} onClick={() => move(own, 1)}><ArrowDown /></button>
              </li>
            ))}
            {others.map((column) => (
              <li key={column.key}><label className="row sp"><input type="checkbox" checked={false} onChange={() => put([...value.columns, column.key])} /><span className="mut ell">{column.label}</span></label></li>
            ))}
          </ul>
          <button type="button" className="btn sm gh" onClick={() => onChange(DEFAULT)}><Trans>As it was at first</Trans></button>
        </div>
      )}
    </Popover>
  );
}
