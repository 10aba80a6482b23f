import { ArrowLeft, BadgeCheck, Copy, Download, FilePlus2, Link2, Maximize2, Merge, Pencil, RotateCcw, Sparkles, Tag as TagIcon, Trash2, UserRound, X } from "lucide-react";
import { useState } from "react";
import { host, useAction, useCommand } from "../../api/cache";
import type { TimelineEntry } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { Avatar, hue } from "../../components/avatar";
import { Popover } from "../../components/popover";
import { useToast } from "../../components/toast";
import { contacts, day, fieldLabel, moment, OPERATIONS, time, told } from "../../text/en";
import { AddressRow, Choice, Fact, ITEM_FIELDS, type Item, type ItemField, ItemRow, type Link, LinkRow, Row } from "./field-rows";
import { Metadata, textOf, words } from "./metadata";
import { Join, LinkDialog } from "./join";
import type { Tab } from "../../places";
import { Parts, Payments, Summary } from "./parts";

interface Values extends Partial<Record<ItemField, Item[]>> {
  kind?: string; name?: string; nick?: string; company?: string; job_title?: string; department?: string; stage?: string;
  tier?: string; identity?: "anonymous" | "identified" | "verified"; verified_at?: number; verified_by?: string;
  description?: string; preferences?: string; source?: string; page_url?: string; ip_country?: string; first_seen?: number; last_seen?: number;
  conversation_count?: number; tags?: string[]; external_id?: Link[]; custom?: Record<string, unknown>; metadata?: string;
}

interface Props {
  id: string;
  /** The part it begins with. */
  tab: Tab | undefined;
  wide: boolean;
  onWide(wide: boolean): void;
  onClose(): void;
  onBin(): void;
  /** Another card takes this one's place. */
  onShow(id: string): void;
  undoing(operation: string | null): (() => void) | undefined;
}

/** One contact beside the list or on a page of its own: every field, edited in place, and what happened. */
export function Panel({ id, tab, wide, onWide, onClose, onBin, onShow, undoing }: Props) {
  const contact = useCommand("contact_get", { id });
  const facets = useCommand("facets_get", {});
  const edit = useAction("contact_edit");
  const promote = useAction("field_promote");
  const parts = useCommand("part_list", { id });
  const picture = useAction("avatar_set");
  const [joining, setJoining] = useState(false);
  /** The external ID that is being changed; null is a new one. */
  const [link, setLink] = useState<{ from: Link | null } | null>(null);
  const toast = useToast();
  /** A field that has no value yet and is being given one. */
  const [adding, setAdding] = useState<string | null>(null);
  const shape = wide ? "main card-page" : "panel";
  if (contact.error) return <aside className={shape}><div className="empty"><p>{sentence(contact.error)}</p></div></aside>;
  if (!contact.data) return <aside className={shape} aria-busy="true" />;
  const { title, timeline } = contact.data;
  const values = contact.data.contact as Values;

  const save = (field: string, value: unknown) =>
    edit.mutate({ id, field, value }, {
      onSuccess: ({ count, operation }) => { setAdding(null); if (count > 0) toast(`${fieldLabel(field)} changed`, undoing(operation)); },
      onError: (error) => toast(sentence(error)),
    });
  const text = (field: keyof Values & string) => (
    <Row key={field} label={fieldLabel(field)} value={String(values[field] ?? "")} onSave={(value) => save(field, value)} />
  );
  const items = (field: ItemField) => {
    const list = values[field] ?? [];
    const put = (at: number, item: Item | null) => {
      const next = list.map((one) => ({ ...one }));
      if (item === null) next.splice(at, 1);
      else next[at] = item;
      save(field, next);
    };
    const extra = adding === field || (list.length === 0 && (field === "email" || field === "phone")) ? 1 : 0;
    return Array.from({ length: list.length + extra }, (_, at) => {
      const item = list[at] ?? { value: "" };
      const label = at === 0 ? fieldLabel(field) : "";
      return field === "address" ? (
        <AddressRow key={`${field}${at}`} label={label} item={item} editing={adding === field && at === list.length} onSave={(next) => put(at, next)} onCancel={() => setAdding(null)} />
      ) : (
        <ItemRow key={`${field}${at}`} field={field} label={label} item={item} editing={adding === field && at === list.length} onSave={(next) => put(at, next)} onCancel={() => setAdding(null)} />
      );
    });
  };
  const links = values.external_id ?? [];
  const choosePicture = () =>
    void host.choosePicture().then((file) => {
      if (!file) return;
      picture.mutateAsync({ contact: id, file }).then(
        ({ operation }) => toast("Picture changed", undoing(operation)),
        (error) => toast(sentence(error)),
      );
    });
  const custom = facets.data?.customFields ?? [];
  const shownCustom = custom.filter((field) => values.custom?.[field.key] !== undefined || adding === `custom.${field.key}`);
  const choices: [string, string][] = [
    ...ITEM_FIELDS.map((field): [string, string] => [field, fieldLabel(field)]), ["external_id", "External ID"],
    ...custom.filter((field) => !shownCustom.includes(field)).map((field): [string, string] => [`custom.${field.key}`, field.label]),
  ];

  return (
    <aside className={shape} aria-label={title}>
      <div className="head" style={{ padding: "0 12px 0 16px" }}>
        {wide && <button type="button" className="btn gh sm" onClick={() => onWide(false)}><ArrowLeft className="flip" /> Contacts</button>}
        <span className="sp" />
        <button type="button" className="btn gh sm" onClick={() => setJoining(true)}><Link2 /> Link to …</button>
        <button type="button" className="btn ic gh sm" aria-label="Copy as vCard" title="Copy as vCard" onClick={() => void host.call("contact_vcard", { id }).then(({ text }) => host.writeText(text)).then(() => toast("Copied as a vCard"), (error) => toast(sentence(error)))}><Copy /></button>
        {!wide && <button type="button" className="btn ic gh sm" aria-label="Open as a page" title="Open as a page" onClick={() => onWide(true)}><Maximize2 /></button>}
        <button type="button" className="btn ic gh sm" aria-label="Move to bin" title="Move to bin" onClick={onBin}><Trash2 /></button>
        <button type="button" className="btn ic gh sm" aria-label="Close" onClick={onClose}><X /></button>
      </div>
      <div className={wide ? "profile" : "scroll"}>
        <div className={wide ? "sect prohead" : "sect"}>
          <div className="row g12">
            <span className="avbox">
              <Avatar name={title} organization={values.kind === "organization"} size={wide ? "s56" : "s40"} picture={parts.data?.avatar ?? null} />
              <button type="button" className="avbtn" aria-label="Choose a picture" title="Choose a picture" onClick={choosePicture} />
            </span>
            <div className="col sp">
              <div className="row g8"><h2 className={`${wide ? "t20" : "t16"} ell`}><bdi>{title}</bdi></h2><Who id={id} values={values} undoing={undoing} /></div>
              <span className="mut ell">{[values.job_title, values.company].filter(Boolean).join(" at ")}</span>
            </div>
          </div>
          {values.preferences && <div className="note acc" style={{ marginTop: 12 }}><Sparkles /><span>{values.preferences}</span></div>}
        </div>
        {wide && <Summary id={id} lastSeen={values.last_seen} chats={values.conversation_count ?? 0} />}
        <div className="details">
        <div className="sect">
          <dl>
            {text("name")}
            {text("nick")}
            <Choice label="Kind" value={values.kind ?? "person"} options={[["person", "Person"], ["organization", "Organization"]]} onSave={(value) => save("kind", value)} />
            {items("email")}
            {items("phone")}
            {text("company")}
            {text("job_title")}
            {text("department")}
            {text("stage")}
            {text("tier")}
            <Row label="Tags" value={(values.tags ?? []).join(", ")} onSave={(value) => save("tags", value.split(",").map((tag) => tag.trim()).filter(Boolean))}>
              {(values.tags ?? []).map((tag) => <span key={tag} className="tag" style={{ "--h": hue(tag) } as React.CSSProperties}>{tag}</span>)}
            </Row>
            {text("description")}
            {text("preferences")}
            {items("handle")}
            {items("url")}
            {items("date")}
            {items("address")}
            {links.map((one, at) => (
              <LinkRow key={`${one.connector}${one.scope}${one.external_id}`} label={at === 0 ? "External ID" : ""} link={one} onChange={() => setLink({ from: one })} />
            ))}
            {shownCustom.map((field) => (
              <Row key={field.key} label={field.label} value={textOf(values.custom?.[field.key])} editing={adding === `custom.${field.key}`} onCancel={() => setAdding(null)} onSave={(next) => save(`custom.${field.key}`, next === "" ? null : next)} />
            ))}
            <div className="fl"><dt /><dd>
              <select className="addfield" value="" aria-label="Add a field" onChange={(e) => (e.target.value === "external_id" ? setLink({ from: null }) : setAdding(e.target.value || null))}>
                <option value="">Add a field</option>
                {choices.map(([key, label]) => <option key={key} value={key}>{label}</option>)}
              </select>
            </dd></div>
            <Fact label="Source" value={values.source ?? ""} />
            {values.page_url && <Fact label="Page" value={values.page_url} />}
            {values.ip_country && <Fact label="Country by IP" value={values.ip_country} />}
            {values.first_seen !== undefined && <Fact label="First seen" value={moment(new Date(values.first_seen))} />}
            {values.last_seen !== undefined && <Fact label="Last seen" value={moment(new Date(values.last_seen))} />}
            <Fact label="Conversations" value={String(values.conversation_count ?? 0)} />
            <Fact label="Id" value={id} mono />
          </dl>
        </div>
        <Payments contact={id} undoing={undoing} />
        {values.metadata && (
          <details className="sect"><summary className="mut">Raw metadata</summary>
            <Metadata text={values.metadata} onPromote={(key) => promote.mutate({ key, label: words(key) }, {
              onSuccess: ({ count, operation }) => toast(`${words(key)} is a field now, for ${contacts(count)}`, undoing(operation)),
              onError: (error) => toast(sentence(error)),
            })} />
          </details>
        )}
        </div>
        <Parts key={id} id={id} begin={tab} name={title} undoing={undoing} json={values} events={timeline.length} timeline={<ol className="tl">{timeline.map((entry, at) => <Happened key={`${entry.at}${at}`} id={id} entry={entry} undoing={undoing} />)}</ol>} />
      </div>
      {joining && <Join id={id} title={title} undoing={undoing} onClose={() => setJoining(false)} onJoined={(to) => { setJoining(false); onShow(to); }} />}
      {link && <LinkDialog id={id} title={title} from={link.from} undoing={undoing} onClose={() => setLink(null)} />}
    </aside>
  );
}

/** How well it is known who this is, and the way to say so. */
function Who({ id, values, undoing }: { id: string; values: Values; undoing: Props["undoing"] }) {
  const verify = useAction("contact_verify");
  const toast = useToast();
  const [how, setHow] = useState("");
  const say = (word: string) => ({
    onSuccess: ({ operation }: { operation: string | null }) => toast(word, undoing(operation)),
    onError: (error: unknown) => toast(sentence(error)),
  });
  if (values.identity === "anonymous") return <span className="bdg inf"><UserRound /> Visitor</span>;
  const verified = values.identity === "verified";
  return (
    <Popover className={`bdg whobtn ${verified ? "ok" : ""}`} title="Identity" label={<><BadgeCheck /> {verified ? "Verified" : "Identified"}</>}>
      {(close) => verified ? (
        <div className="col g8">
          <p>Verified{values.verified_at !== undefined && <> on <bdi>{moment(new Date(values.verified_at))}</bdi></>}: <bdi>{values.verified_by}</bdi></p>
          <button type="button" className="btn sm" onClick={() => { close(); verify.mutate({ id, how: null }, say("Not verified any more")); }}>Take that back</button>
        </div>
      ) : (
        <form className="col g8" onSubmit={(event) => { event.preventDefault(); if (how.trim()) { verify.mutate({ id, how }, say("Verified")); close(); } }}>
          <p className="mut">It was said who this is. If you made sure of it, say how.</p>
          <span className="inp"><input aria-label="How you made sure" placeholder="Passport seen on 3 May" value={how} onChange={(event) => setHow(event.target.value)} /></span>
          <button type="submit" className="btn sm" disabled={!how.trim()}>Verified</button>
        </form>
      )}
    </Popover>
  );
}

const ICONS: Record<string, typeof Pencil> = { import: Download, ingest: Download, contact_create: FilePlus2, contact_bin: Trash2, contact_restore: RotateCcw, contact_join: Merge, contact_combine: Merge, contact_tag: TagIcon, undo: RotateCcw, redo: RotateCcw };

function Happened({ id, entry, undoing }: { id: string; entry: TimelineEntry; undoing: Props["undoing"] }) {
  const Icon = ICONS[entry.kind] ?? Pencil;
  const made = entry.changes.length === 0;
  const restore = useAction("field_restore");
  const unmerge = useAction("history_undo");
  const toast = useToast();
  return (
    <li>
      <span className="d"><Icon /></span>
      <div>
        <b className="w5">{entry.part ?? (OPERATIONS[entry.kind] ?? entry.kind)}</b> {(entry.kind === "import" || entry.kind === "ingest") && <span className="mut">{entry.subject}</span>}
        {entry.kind === "contact_combine" && <> <span className="mut"><bdi>{entry.subject}</bdi></span> <button type="button" className="linkb" onClick={() => unmerge.mutate({ id: entry.operation }, {
          onSuccess: ({ operation, kept }) => toast(`Unmerged ${operation.subject}${kept.length ? `. ${kept.length} kept because you edited them` : ""}`),
          onError: (error) => toast(sentence(error)),
        })}>Unmerge</button></>}
        {made && entry.kind === "import" && <div className="t12 mut">Made from this file</div>}
        {entry.changes.slice(0, 6).map((change) => (
          <div key={change.field} className="diff">
            <span className="mut">{fieldLabel(change.field)}</span>
            <bdi className="was">{told(change.old) || "empty"}</bdi>
            <bdi className="w5">{told(change.new) || "empty"}</bdi>
            {change.restorable && <button type="button" className="linkb" aria-label={`Restore ${fieldLabel(change.field)} to ${told(change.old) || "empty"}`} onClick={() => restore.mutate({ id, operation: entry.operation, field: change.field }, {
              onSuccess: ({ count, operation }) => toast(count > 0 ? `${fieldLabel(change.field)} restored` : `${fieldLabel(change.field)} is so already`, undoing(operation)),
              onError: (error) => toast(sentence(error)),
            })}>Restore</button>}
          </div>
        ))}
      </div>
      <time dateTime={entry.at}><bdi>{day(new Date(entry.at))}, {time(entry.at)}</bdi></time>
    </li>
  );
}
