import type { MessageDescriptor } from "@lingui/core";
import { i18n } from "@lingui/core";
import { msg, plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Bookmark, Copy, ListFilter, Plus, X } from "lucide-react";
import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { useCommand } from "../api/cache";
import type { Facets, ViewOpened } from "../api/generated/commands";
import { Kbd } from "./kbd";
import { Popover } from "./popover";
import { useToast } from "./toast";
import { contacts, fieldLabel, n } from "../text/words";
import { type Condition, type Group, type Item, isGroup, type Join, type Kind, OPS, parts, read, readTree, writeItem, writeTree } from "./filter-text";
import { worded } from "../text/worded";
import "./filter-bar.css";

interface Props {
  text: string;
  onText(text: string): void;
  facets: Facets | undefined;
  view: ViewOpened | undefined;
  failure: string | null;
  open: boolean;
  onOpen(open: boolean): void;
  /** The word on the button; Filter when there is none. */
  label?: string;
  /** What is searched for beside the filter. */
  query: string;
  /** Keeps the list as a view. */
  onSave?: (() => void) | undefined;
}

const FIELDS: [string, MessageDescriptor, Kind][] = [
  ["source", msg`Source`, "choice"], ["tag", msg`Tag`, "choice"], ["stage", msg`Stage`, "choice"], ["tier", msg`Tier`, "text"], ["identity", msg`Identity`, "choice"], ["seen", msg`Seen`, "time"], ["first_seen", msg`First seen`, "time"],
  ["created", msg`Created`, "time"], ["updated", msg`Updated`, "time"], ["conversations", msg`Conversations`, "number"], ["email", msg`Email`, "text"], ["phone", msg`Phone`, "text"],
  ["name", msg`Name`, "text"], ["company", msg`Company`, "text"], ["country", msg`Country`, "choice"], ["kind", msg`Kind`, "choice"],
  ["page", msg`Page`, "text"], ["action", msg`Action`, "text"], ["remote", msg`Connection`, "text"], ["stage_by", msg`Stage set by`, "choice"], ["archived", msg`Archived`, "time"],
];

/** The conditions of a list as tokens, and the panel in which they are made. */
export function FilterBar({ text, onText, facets, view, failure, open, onOpen, query, onSave, label }: Props) {
  const fields: [string, string, Kind][] = [...FIELDS.map(([key, word, kind]): [string, string, Kind] => [key, i18n._(word), kind]), ...(facets?.customFields ?? []).map((field): [string, string, Kind] => [field.key, field.label, "text"])];
  const kindOf = (field: string): Kind => fields.find(([key]) => key === field)?.[2] ?? "text";
  const labelOf = (field: string) => fields.find(([key]) => key === field)?.[1] ?? fieldLabel(field);
  const given = parts(text);
  const more = n(given.length - 3);
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
            <button type="button" aria-label={t`Remove the condition ${part}`} onClick={() => without(at)}><X /></button>
          </span>
        );
      })}
      {given.length > 3 && <span className="mut nw"><Trans>and {more} more</Trans></span>}
      <Popover label={label ? <><Plus /> {label}</> : <><ListFilter /> <Trans>Filter</Trans> <Kbd of="filter" /></>} title={t`Filter`} open={open} onOpen={onOpen}>
        {(close) => <Panel text={text} onText={onText} fields={fields} kindOf={kindOf} facets={facets} view={view} failure={failure} query={query} close={close} onSave={onSave} />}
      </Popover>
    </span>
  );
}

function opWords({ op, value }: Condition, kind: Kind): string {
  const amount = Number(value);
  const [from = "", to = ""] = value.split(/\.\.(.*)/s);
  if (op === "none") return t`empty`;
  if (op === "any") return t`not empty`;
  if (op === "within") return plural(amount, { one: "last day", other: `last ${value} days` });
  if (op === "before") return plural(amount, { one: "not for a day", other: `not for ${value} days` });
  if (op === "not") return t`none of ${value}`;
  if (op === "between") return t`${from} to ${to}`;
  return kind === "number" && op !== "is" ? `${op} ${value}` : value;
}

interface PanelProps extends Omit<Props, "open" | "onOpen"> {
  fields: [string, string, Kind][];
  kindOf(field: string): Kind;
  close(): void;
}

const NEW: Condition = { field: "tag", op: "is", value: "" };

function Panel({ text, onText, fields, kindOf, facets, view, failure, query, close, onSave }: PanelProps) {
  const read = (from: string): Group => { const tree = readTree(from, kindOf); return tree.items.length > 0 ? tree : { ...tree, items: [{ field: "source", op: "is", value: "" }] }; };
  // Rows whose value is missing yet are no part of the text.
  const [tree, setTree] = useState(() => read(text));
  const written = useRef(text);
  useEffect(() => {
    if (text === written.current) return;
    written.current = text;
    setTree(read(text));
  });
  const toast = useToast();
  const put = (next: Group) => {
    setTree(next);
    written.current = writeTree(next);
    if (written.current !== text) onText(written.current);
  };
  // Each row and group on its own, then what is left of all after it.
  const alone = tree.items.map(writeItem);
  const left = alone.map((_, at) => writeTree({ join: tree.join, items: tree.items.slice(0, at + 1) }));
  const counted = useCommand("view_count", { views: [...alone, ...left].map((filter): [string, string] => [query, filter]) });
  const counts = counted.isPlaceholderData ? undefined : counted.data?.counts;
  return (
    <div className="filterpop">
      <p className={`said ${failure ? "bad" : ""}`} role="status">
        {failure ?? (text ? view && worded(view.sentence) : t`Everybody`)} {!failure && view && <b className="w6 num">{contacts(view.total)}</b>}
      </p>
      <GroupRows group={tree} fields={fields} kindOf={kindOf} facets={facets} onChange={put}
        counts={(at) => [alone[at] ? counts?.[at] ?? null : null, left[at] ? counts?.[alone.length + at] ?? null : null]} />
      <div className="row">
        <button type="button" className="btn sm gh" onClick={() => put({ ...tree, items: [...tree.items, NEW] })}><Plus /> <Trans>Condition</Trans></button>
        <button type="button" className="btn sm gh" onClick={() => put({ ...tree, items: [...tree.items, { join: "any", items: [NEW] }] })}><Plus /> <Trans>Group</Trans></button>
        <span className="sp" />
        <button type="button" className="btn sm gh" disabled={!text} onClick={() => { onText(""); }}><Trans>Clear</Trans></button>
        {onSave && <button type="button" className="btn sm" disabled={!text || failure !== null} onClick={() => { close(); onSave(); }}><Bookmark /> <Trans>Save as view</Trans></button>}
        <button type="button" className="btn sm pri" onClick={close}><Trans>Done</Trans></button>
      </div>
      <div className="filtertext">
        <div className="row"><label htmlFor="filter-text" className="lab sp"><Trans>As text</Trans></label>
          <button type="button" className="btn sm gh" disabled={!text} onClick={() => void navigator.clipboard.writeText(view?.filter ?? text).then(() => toast(t`Copied`))}><Copy /> <Trans>Copy</Trans></button></div>
        <span className={`inp ${failure ? "err" : ""}`}>
          <input id="filter-text" aria-label={t`Filter as text`} value={text} spellCheck={false} placeholder="source:widget,api seen:<30d (stage:qualified or tag:vip)" onChange={(e) => onText(e.target.value)} />
        </span>
      </div>
    </div>
  );
}

const JOINS: [Join, MessageDescriptor][] = [["all", msg({ message: "All", context: "conditions" })], ["any", msg({ message: "Any", context: "conditions" })], ["none", msg({ message: "None", context: "conditions" })]];
const OF_THESE: Record<Join, MessageDescriptor> = { all: msg`All of these`, any: msg`Any of these`, none: msg`None of these` };

interface GroupProps extends Pick<PanelProps, "fields" | "kindOf" | "facets"> {
  group: Group;
  onChange(group: Group): void;
  onRemove?(): void;
  /** How many contacts an item lets through alone, and how many are left after it. */
  counts?(at: number): [number | null, number | null];
}

/** A group: how its rows belong together, its rows, groups inside it. */
function GroupRows({ group, fields, kindOf, facets, onChange, onRemove, counts }: GroupProps) {
  const at = (place: number, item: Item | null) =>
    onChange({ ...group, items: item === null ? group.items.filter((_, i) => i !== place) : group.items.map((one, i) => (i === place ? item : one)) });
  const figures = (place: number) => {
    const [alone, left] = counts?.(place) ?? [null, null];
    return counts && <><span className="num mut figure">{alone === null ? "" : n(alone)}</span><span className="num figure w5">{left === null ? "" : n(left)}</span></>;
  };
  const choice = <span className="seg sm">{JOINS.map(([key, label]) => <button key={key} type="button" className={group.join === key ? "on" : ""} aria-pressed={group.join === key} onClick={() => onChange({ ...group, join: key })}>{i18n._(label)}</button>)}</span>;
  return (
    <div className={`fgroup ${onRemove ? `sub ${group.join}` : ""}`} role="group" aria-label={i18n._(OF_THESE[group.join])}>
      <div className="row g8 fjoin">
        <Trans>{choice}<span className="mut">of these</span></Trans><span className="sp" />
        {counts && <><span className="t12 mut figure"><Trans>Alone</Trans></span><span className="t12 mut figure"><Trans context="remaining">Left</Trans></span><span className="figend" /></>}
        {onRemove && <button type="button" className="btn ic sm gh" aria-label={t`Remove this group`} onClick={onRemove}><X /></button>}
      </div>
      {group.items.map((item, place) => {
        const key = `${place}`;
        if (typeof item === "string")
          return <div key={key} className="cond"><code className="mono ell" style={{ gridColumn: "1 / 4" }}>{item}</code>{figures(place)}<button type="button" className="btn ic sm gh" aria-label={t`Remove the condition ${{ part: item }}`} onClick={() => at(place, null)}><X /></button></div>;
        if (isGroup(item)) return (
          <div key={key} className="fnest">
            <GroupRows group={item} fields={fields} kindOf={kindOf} facets={facets} onChange={(next) => at(place, next)} onRemove={() => at(place, null)} />
            {counts && <span className="row fnestn">{figures(place)}<span className="figend" /></span>}
          </div>
        );
        return <Row key={key} condition={item} fields={fields} kindOf={kindOf} facets={facets} figures={figures(place)} onChange={(next) => at(place, next)} onRemove={() => at(place, null)} />;
      })}
      {onRemove && (
        <div className="row">
          <button type="button" className="btn sm gh" onClick={() => onChange({ ...group, items: [...group.items, NEW] })}><Plus /> <Trans>Condition here</Trans></button>
          <button type="button" className="btn sm gh" onClick={() => onChange({ ...group, items: [...group.items, { join: group.join === "all" ? "any" : "all", items: [NEW] }] })}><Plus /> <Trans>Group here</Trans></button>
        </div>
      )}
    </div>
  );
}

interface RowProps {
  condition: Condition;
  fields: [string, string, Kind][];
  kindOf(field: string): Kind;
  facets: Facets | undefined;
  figures: ReactNode;
  onChange(condition: Condition): void;
  onRemove(): void;
}

function Row({ condition, fields, kindOf, facets, figures, onChange, onRemove }: RowProps) {
  const { field, op } = condition;
  const kind = kindOf(field);
  const list = useId();
  // What is typed goes into the filter when it is done, so that half a word does not narrow the list.
  const [draft, setDraft] = useState<string | null>(null);
  const value = draft ?? condition.value;
  const done = () => { if (draft !== null && draft !== condition.value) onChange({ ...condition, value: draft }); setDraft(null); };
  const known = field === "source" ? facets?.sources : field === "stage" ? facets?.stages : field === "tag" ? facets?.tags : undefined;
  const [from = "", to = ""] = value.split("..");
  const days = (next: [string, string]) => onChange({ ...condition, value: next[0] && next[1] ? `${next[0]}..${next[1]}` : next.join("..") });
  return (
    <div className="cond">
      <select className="fsel" aria-label={t`Field`} value={field} onChange={(e) => onChange({ field: e.target.value, op: OPS[kindOf(e.target.value)][0]?.[0] ?? "is", value: "" })}>
        {fields.map(([key, label]) => <option key={key} value={key}>{label}</option>)}
        {!fields.some(([key]) => key === field) && <option value={field}>{fieldLabel(field)}</option>}
      </select>
      <select className="fsel" aria-label={t`How`} value={op} onChange={(e) => onChange({ ...condition, op: e.target.value })}>
        {OPS[kind].map(([key, label]) => <option key={key} value={key}>{i18n._(label)}</option>)}
      </select>
      {op === "none" || op === "any" ? <span className="mut"><Trans>no value needed</Trans></span> : kind === "time" && op === "between" ? (
        <span className="row g6">
          <span className="inp"><input type="date" aria-label={t({ message: "From", context: "day" })} value={from} onChange={(e) => days([e.target.value, to])} /></span>
          <span className="inp"><input type="date" aria-label={t({ message: "To", context: "day" })} value={to} onChange={(e) => days([from, e.target.value])} /></span>
        </span>
      ) : (
        <span className="inp">
          <input aria-label={t`Value`} list={known ? list : undefined} inputMode={kind === "number" || kind === "time" ? "numeric" : "text"} value={value}
            placeholder={op === "between" ? "3..20" : kind === "choice" ? t`one or several, with commas` : kind === "time" ? t`days` : ""}
            onChange={(e) => setDraft(e.target.value)} onBlur={done} onKeyDown={(e) => { if (e.key === "Enter") done(); }} />
          {known && <datalist id={list}>{known.map((one) => <option key={one.value} value={one.value} />)}</datalist>}
        </span>
      )}
      {figures}
      <button type="button" className="btn ic sm gh" aria-label={t`Remove this condition`} onClick={onRemove}><X /></button>
    </div>
  );
}
