import type { MessageDescriptor } from "@lingui/core";
import { i18n } from "@lingui/core";
import { msg, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Lock } from "lucide-react";
import { useState } from "react";

/** One value of a field that can have several. */
export interface Item {
  value: string;
  label?: string;
  address?: Address;
}
export interface Address { street?: string; extended?: string; po_box?: string; city?: string; region?: string; postal_code?: string; country?: string }
export interface Link { connector: string; external_id: string; scope?: string }
export const ITEM_FIELDS = ["email", "phone", "handle", "url", "date", "address"] as const;
export type ItemField = (typeof ITEM_FIELDS)[number];

interface RowProps {
  label: string;
  value: string;
  onSave(value: string): void;
  /** It may have several lines. What has some keeps them in any case. */
  isLong?: boolean;
  /** Open for typing from the beginning. */
  editing?: boolean;
  onCancel?(): void;
  children?: React.ReactNode;
}

/** So many are shown while they are typed. */
const linesOf = (text: string) => Math.min(12, Math.max(3, text.split("\n").length + 1));

/** A field that becomes an input when it is clicked or entered; Esc takes the typing back. Of several lines, Shift and Enter begin another one. */
export function Row({ label, value, isLong, onSave, editing, onCancel, children }: RowProps) {
  const [draft, setDraft] = useState<string | null>(editing ? value : null);
  const Input = isLong || value.includes("\n") ? "textarea" : "input";
  const done = () => {
    if (draft !== null && draft !== value) onSave(draft);
    else onCancel?.();
    setDraft(null);
  };
  return (
    <div className="fl">
      <dt>{label}</dt>
      <dd>
        {draft === null ? (
          <button type="button" className="fedit" onClick={() => setDraft(value)}>
            <span className="visually-hidden">{label ? <Trans>Edit {label}:</Trans> : <Trans>Edit further value:</Trans>} </span>
            {value ? (children ?? <bdi className={Input === "textarea" ? "fact" : "ell"}>{value}</bdi>) : <span className="fnt"><Trans>Add</Trans></span>}
          </button>
        ) : (
          <span className="inp">
            <Input autoFocus value={draft} aria-label={label} style={Input === "textarea" ? { height: 20 * linesOf(draft) } : undefined} onChange={(e) => setDraft(e.target.value)} onBlur={done}
              onKeyDown={(e) => { if (e.key === "Enter" && !(e.shiftKey && Input === "textarea")) done(); if (e.key === "Escape") { e.preventDefault(); setDraft(null); onCancel?.(); } e.stopPropagation(); }} />
          </span>
        )}
      </dd>
      <dd className="pv" />
    </div>
  );
}

/** A field with a few words to choose from. */
export function Choice({ label, value, options, onSave }: { label: string; value: string; options: [string, string][]; onSave(value: string): void }) {
  return (
    <div className="fl">
      <dt>{label}</dt>
      <dd><select className="addfield said" aria-label={label} value={value} onChange={(e) => onSave(e.target.value)}>{options.map(([key, word]) => <option key={key} value={key}>{word}</option>)}</select></dd>
      <dd className="pv" />
    </div>
  );
}

/** What nobody edits. */
export function Fact({ label, value, note, mono }: { label: string; value: string; note?: string; mono?: boolean }) {
  return (
    <div className="fl">
      <dt>{label}</dt>
      <dd className={`fact ${mono ? "mono" : ""}`}><bdi>{value}</bdi></dd>
      <dd className="pv">{note}</dd>
    </div>
  );
}

interface ItemRowProps {
  label: string;
  item: Item;
  editing?: boolean;
  onSave(item: Item | null): void;
  onCancel(): void;
}

/** A value with its label; emptied, it is taken away. */
export function ItemRow({ field, label, item, editing, onSave, onCancel }: ItemRowProps & { field: ItemField }) {
  const shown = [item.value, item.label].filter(Boolean).join(", ");
  return (
    <Parts label={label} name={label || i18n._(FURTHER[field])} shown={<bdi className={`ell ${field === "phone" ? "ltr num" : ""}`}>{item.value}</bdi>} empty={!item.value} note={item.label ?? ""} editing={editing ?? false} title={shown}
      parts={[["value", exampleOf(field), item.value], ["label", t`Label, as in work`, item.label ?? ""]]} onCancel={onCancel}
      onSave={({ value = "", label: word = "" }) => onSave(value.trim() === "" ? null : { ...item, value, label: word })} />
  );
}

/** What a further value is called: its row has no label. */
const FURTHER: Record<ItemField, MessageDescriptor> = { email: msg`email`, phone: msg`phone`, handle: msg`handle`, url: msg`url`, date: msg`date`, address: msg`address` };
const exampleOf = (field: ItemField) => ({ email: t`name@company.example`, phone: "+44 20 7946 0018", handle: t`@name`, url: "https://", date: t`1987-05-14 or --05-14`, address: "" })[field];

const PARTS: [keyof Address, MessageDescriptor][] = [["street", msg`Street and number`], ["postal_code", msg`Postal code`], ["city", msg`Town`], ["region", msg`State or province`], ["country", msg`Country`]];

/** A postal address by its parts. */
export function AddressRow({ label, item, editing, onSave, onCancel }: ItemRowProps) {
  const parts = item.address ?? { street: item.value };
  return (
    <Parts label={label} name={t`Address`} shown={<span className="fact">{item.value}</span>} empty={!item.value} note={item.label ?? ""} editing={editing ?? false}
      parts={[...PARTS.map(([key, word]): [string, string, string] => [key, i18n._(word), parts[key] ?? ""]), ["label", t`Label, as in home`, item.label ?? ""]]} onCancel={onCancel}
      onSave={({ label: word = "", ...next }) => {
        const address = { ...parts, ...next };
        // The text is made of the parts where it is kept.
        onSave(PARTS.every(([key]) => !next[key]?.trim()) ? null : { label: word, value: "", address });
      }} />
  );
}

/** The name another system gives to the contact. Locked: changing it asks first. */
export function LinkRow({ label, link, onChange }: { label: string; link: Link; onChange(): void }) {
  return (
    <div className="fl">
      <dt>{label}</dt>
      <dd><button type="button" className="fedit" onClick={onChange}><span className="visually-hidden"><Trans>Change the external ID</Trans> </span><Lock className="lockd" /><bdi className="ell mono">{link.external_id}</bdi></button></dd>
      <dd className="pv">{link.connector}{link.scope && `, ${link.scope}`}</dd>
    </div>
  );
}

interface PartsProps {
  label: string;
  name: string;
  shown: React.ReactNode;
  empty: boolean;
  note: string;
  title?: string;
  editing: boolean;
  /** Key, placeholder, value. */
  parts: [string, string, string][];
  onSave(values: Record<string, string>): void;
  onCancel(): void;
}

/** A value of several parts: opened, each has an input; kept with Enter or by leaving the last. */
function Parts({ label, name, shown, empty, note, title, editing, parts, onSave, onCancel }: PartsProps) {
  const [draft, setDraft] = useState<Record<string, string> | null>(editing ? Object.fromEntries(parts.map(([key, , value]) => [key, value])) : null);
  const keep = () => {
    if (draft === null) return;
    if (parts.some(([key, , value]) => draft[key] !== value)) onSave(draft);
    else onCancel();
    setDraft(null);
  };
  const drop = () => {
    setDraft(null);
    onCancel();
  };
  return (
    <div className="fl">
      <dt>{label}</dt>
      <dd>
        {draft === null ? (
          <button type="button" className="fedit" title={title} onClick={() => setDraft(Object.fromEntries(parts.map(([key, , value]) => [key, value])))}>
            <span className="visually-hidden"><Trans>Edit {name}:</Trans> </span>
            {empty ? <span className="fnt"><Trans>Add</Trans></span> : shown}
          </button>
        ) : (
          <span className="parts" role="group" aria-label={name}
            onBlur={(e) => { if (!e.currentTarget.contains(e.relatedTarget)) keep(); }}
            onKeyDown={(e) => { if (e.key === "Enter") keep(); if (e.key === "Escape") { e.preventDefault(); drop(); } e.stopPropagation(); }}>
            {parts.map(([key, placeholder], at) => (
              <span key={key} className="inp"><input autoFocus={at === 0} value={draft[key] ?? ""} placeholder={placeholder} aria-label={`${name}, ${placeholder || key}`} onChange={(e) => setDraft({ ...draft, [key]: e.target.value })} /></span>
            ))}
          </span>
        )}
      </dd>
      <dd className="pv">{note}</dd>
    </div>
  );
}
