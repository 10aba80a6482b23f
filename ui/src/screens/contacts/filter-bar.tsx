import { Copy, ListFilter, Plus, X } from "lucide-react";
import { useState } from "react";
import type { Facets, ViewOpened } from "../../api/generated/commands";
import { Kbd } from "../../components/kbd";
import { Popover } from "../../components/popover";
import { useToast } from "../../components/toast";
import { contacts, fieldLabel } from "../../text/en";
import { type Condition, type Kind, OPS, parts, read, write } from "./filter-text";

interface Props {
  text: string;
  onText(text: string): void;
  facets: Facets | undefined;
  view: ViewOpened | undefined;
  failure: string | null;
  open: boolean;
  onOpen(open: boolean): void;
}

const FIELDS: [string, string, Kind][] = [
  ["source", "Source", "choice"], ["tag", "Tag", "choice"], ["stage", "Stage", "choice"], ["tier", "Tier", "text"], ["identity", "Identity", "choice"], ["seen", "Seen", "time"], ["first_seen", "First seen", "time"],
  ["created", "Created", "time"], ["updated", "Updated", "time"], ["conversations", "Conversations", "number"], ["email", "Email", "text"], ["phone", "Phone", "text"],
  ["name", "Name", "text"], ["company", "Company", "text"], ["country", "Country", "choice"], ["kind", "Kind", "choice"],
];

/** The conditions of a list as tokens, and the panel in which they are made. */
export function FilterBar({ text, onText, facets, view, failure, open, onOpen }: Props) {
  const fields: [string, string, Kind][] = [...FIELDS, ...(facets?.customFields ?? []).map((field): [string, string, Kind] => [field.key, field.label, "text"])];
  const kindOf = (field: string): Kind => fields.find(([key]) => key === field)?.[2] ?? "text";
  const labelOf = (field: string) => fields.find(([key]) => key === field)?.[1] ?? fieldLabel(field);
  const given = parts(text);
  const without = (at: number) => onText(given.filter((_, i) => i !== at).join(" "));
  return (
    <span className="filters">
      {given.slice(0, 3).map((part, at) => {
        const condition = read(part, kindOf);
        return (
          <span key={part} className="ftok">
            <button type="button" onClick={() => onOpen(true)}>
              {condition ? <><span className="k">{labelOf(condition.field)}</span><span className="v">{opWords(condition, kindOf(condition.field))}</span></> : <span className="v mono">{part}</span>}
            </button>
            <button type="button" aria-label={`Remove the condition ${part}`} onClick={() => without(at)}><X /></button>
          </span>
        );
      })}
      {given.length > 3 && <span className="mut nw">and {given.length - 3} more</span>}
      <Popover label={<><ListFilter /> Filter <Kbd of="filter" /></>} title="Filter" open={open} onOpen={onOpen}>
        {(close) => <Panel text={text} onText={onText} fields={fields} kindOf={kindOf} facets={facets} view={view} failure={failure} close={close} />}
      </Popover>
    </span>
  );
}

function opWords({ op, value }: Condition, kind: Kind): string {
  if (op === "none") return "empty";
  if (op === "any") return "not empty";
  if (op === "within") return `last ${value} days`;
  if (op === "before") return `not for ${value} days`;
  if (op === "not") return `none of ${value}`;
  if (op === "between") return value.replace("..", " to ");
  return kind === "number" && op !== "is" ? `${op} ${value}` : value;
}

interface PanelProps extends Omit<Props, "open" | "onOpen"> {
  fields: [string, string, Kind][];
  kindOf(field: string): Kind;
  close(): void;
}

function Panel({ text, onText, fields, kindOf, facets, view, failure, close }: PanelProps) {
  const given = parts(text);
  // A row whose value is missing yet is no part of the filter.
  const [unfinished, setUnfinished] = useState<Condition | null>(given.length === 0 ? { field: "source", op: "is", value: "" } : null);
  const toast = useToast();
  const put = (at: number, condition: Condition) => {
    const part = write(condition);
    if (at >= given.length) {
      setUnfinished(part ? null : condition);
      if (part) onText([...given, part].join(" "));
      return;
    }
    if (!part) {
      setUnfinished(condition);
      onText(given.filter((_, i) => i !== at).join(" "));
      return;
    }
    onText(given.map((one, i) => (i === at ? part : one)).join(" "));
  };
  const rows = [...given.map((part) => ({ part, condition: read(part, kindOf) })), ...(unfinished ? [{ part: "", condition: unfinished }] : [])];
  return (
    <div className="filterpop">
      <p className={`said ${failure ? "bad" : ""}`} role="status">
        {failure ?? (text ? view?.sentence : "Everybody")} {!failure && view && <b className="w6 num">{contacts(view.total)}</b>}
      </p>
      <div>
        {rows.map(({ part, condition }, at) =>
          condition ? (
            <Row key={`${at}`} condition={condition} fields={fields} kindOf={kindOf} facets={facets} onChange={(next) => put(at, next)}
              onRemove={() => { if (at < given.length) onText(given.filter((_, i) => i !== at).join(" ")); else setUnfinished(null); }} />
          ) : (
            <div key={`${at}`} className="cond"><code className="mono ell" style={{ gridColumn: "1 / 4" }}>{part}</code>
              <button type="button" className="btn ic sm gh" aria-label={`Remove the condition ${part}`} onClick={() => onText(given.filter((_, i) => i !== at).join(" "))}><X /></button></div>
          ),
        )}
      </div>
      <div className="row">
        <button type="button" className="btn sm gh" onClick={() => setUnfinished({ field: "tag", op: "is", value: "" })}><Plus /> Condition</button>
        <span className="sp" />
        <button type="button" className="btn sm gh" disabled={!text} onClick={() => { onText(""); setUnfinished(null); }}>Clear</button>
        <button type="button" className="btn sm pri" onClick={close}>Done</button>
      </div>
      <div className="filtertext">
        <div className="row"><label htmlFor="filter-text" className="lab sp">As text</label>
          <button type="button" className="btn sm gh" disabled={!text} onClick={() => void navigator.clipboard.writeText(view?.filter ?? text).then(() => toast("Copied"))}><Copy /> Copy</button></div>
        <span className={`inp ${failure ? "err" : ""}`}>
          <input id="filter-text" aria-label="Filter as text" value={text} spellCheck={false} placeholder="source:widget,api seen:<30d (stage:qualified or tag:vip)" onChange={(e) => onText(e.target.value)} />
        </span>
      </div>
    </div>
  );
}

interface RowProps {
  condition: Condition;
  fields: [string, string, Kind][];
  kindOf(field: string): Kind;
  facets: Facets | undefined;
  onChange(condition: Condition): void;
  onRemove(): void;
}

function Row({ condition, fields, kindOf, facets, onChange, onRemove }: RowProps) {
  const { field, op } = condition;
  const kind = kindOf(field);
  // What is typed goes into the filter when it is done, so that half a word does not narrow the list.
  const [draft, setDraft] = useState<string | null>(null);
  const value = draft ?? condition.value;
  const done = () => { if (draft !== null && draft !== condition.value) onChange({ ...condition, value: draft }); setDraft(null); };
  const known = field === "source" ? facets?.sources : field === "stage" ? facets?.stages : field === "tag" ? facets?.tags : undefined;
  const [from = "", to = ""] = value.split("..");
  const days = (next: [string, string]) => onChange({ ...condition, value: next[0] && next[1] ? `${next[0]}..${next[1]}` : next.join("..") });
  return (
    <div className="cond">
      <select className="fsel" aria-label="Field" value={field} onChange={(e) => onChange({ field: e.target.value, op: OPS[kindOf(e.target.value)][0]?.[0] ?? "is", value: "" })}>
        {fields.map(([key, label]) => <option key={key} value={key}>{label}</option>)}
        {!fields.some(([key]) => key === field) && <option value={field}>{fieldLabel(field)}</option>}
      </select>
      <select className="fsel" aria-label="How" value={op} onChange={(e) => onChange({ ...condition, op: e.target.value })}>
        {OPS[kind].map(([key, label]) => <option key={key} value={key}>{label}</option>)}
      </select>
      {op === "none" || op === "any" ? <span className="mut">no value needed</span> : kind === "time" && op === "between" ? (
        <span className="row g6">
          <span className="inp"><input type="date" aria-label="From" value={from} onChange={(e) => days([e.target.value, to])} /></span>
          <span className="inp"><input type="date" aria-label="To" value={to} onChange={(e) => days([from, e.target.value])} /></span>
        </span>
      ) : (
        <span className="inp">
          <input aria-label="Value" list={known ? `known-${field}` : undefined} inputMode={kind === "number" || kind === "time" ? "numeric" : "text"} value={value}
            placeholder={op === "between" ? "3..20" : kind === "choice" ? "one or several, with commas" : kind === "time" ? "days" : ""}
            onChange={(e) => setDraft(e.target.value)} onBlur={done} onKeyDown={(e) => { if (e.key === "Enter") done(); }} />
          {known && <datalist id={`known-${field}`}>{known.map((one) => <option key={one.value} value={one.value} />)}</datalist>}
        </span>
      )}
      <button type="button" className="btn ic sm gh" aria-label="Remove this condition" onClick={onRemove}><X /></button>
    </div>
  );
}
