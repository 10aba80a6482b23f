import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ArrowLeft, BadgeCheck, Copy, Download, FilePlus2, Link2, Maximize2, Merge, Pencil, RotateCcw, Sparkles, Tag as TagIcon, Trash2, UserRound, X } from "lucide-react";
import { useState } from "react";
import { host, useAction, useCommand } from "../../api/cache";
import type { TimelineEntry } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { Avatar, hue } from "../../components/avatar";
import { Popover } from "../../components/popover";
import { useToast } from "../../components/toast";
import { capital, day, fieldLabel, moment, n, operationWord, subjectOf, time, told } from "../../text/words";
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
  const { job_title: post, company } = values;

  const save = (field: string, value: unknown) =>
    edit.mutate({ id, field, value }, {
      onSuccess: ({ count, operation }) => { setAdding(null); if (count > 0) toast(changed(fieldLabel(field)), undoing(operation)); },
      onError: (error) => toast(sentence(error)),
    });
  const text = (field: keyof Values & string) => (
    <Row key={field} label={fieldLabel(field)} value={String(values[field] ?? "")} isLong={field === "description" || field === "preferences"} onSave={(value) => save(field, value)} />
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
      if (file) picture.mutate({ contact: id, file }, { onSuccess: ({ operation }) => toast(t`Picture changed`, undoing(operation)), onError: (error) => toast(sentence(error)) });
    });
  const custom = facets.data?.customFields ?? [];
  const shownCustom = custom.filter((field) => values.custom?.[field.key] !== undefined || adding === `custom.${field.key}`);
  const choices: [string, string][] = [
    ...ITEM_FIELDS.map((field): [string, string] => [field, fieldLabel(field)]), ["external_id", fieldLabel("external_id")],
    ...custom.filter((field) => !shownCustom.includes(field)).map((field): [string, string] => [`custom.${field.key}`, field.label]),
  ];

  return (
    <aside className={shape} aria-label={title}>
      <div className="head" style={{ padding: "0 12px 0 16px" }}>
        {wide && <button type="button" className="btn gh sm" onClick={() => onWide(false)}><ArrowLeft className="flip" /> <Trans>Contacts</Trans></button>}
        <span className="sp" />
        <button type="button" className="btn gh sm" onClick={() => setJoining(true)}><Link2 /> <Trans>Link to …</Trans></button>
        <button type="button" className="btn ic gh sm" aria-label={t`Copy as vCard`} title={t`Copy as vCard`} onClick={() => void host.call("contact_vcard", { id }).then(({ text }) => host.writeText(text)).then(() => toast(t`Copied as a vCard`), (error) => toast(sentence(error)))}><Copy /></button>
        {!wide && <button type="button" className="btn ic gh sm" aria-label={t`Open as a page`} title={t`Open as a page`} onClick={() => onWide(true)}><Maximize2 /></button>}
        <button type="button" className="btn ic gh sm" aria-label={t`Move to bin`} title={t`Move to bin`} onClick={onBin}><Trash2 /></button>
        <button type="button" className="btn ic gh sm" aria-label={t`Close`} onClick={onClose}><X /></button>
      </div>
      <div className={wide ? "profile" : "scroll"}>
        <div className={wide ? "sect prohead" : "sect"}>
          <div className="row g12">
            <span className="avbox">
              <Avatar name={title} organization={values.kind === "organization"} size={wide ? "s56" : "s40"} picture={parts.data?.avatar ?? null} />
              <button type="button" className="avbtn" aria-label={t`Choose a picture`} title={t`Choose a picture`} onClick={choosePicture} />
            </span>
            <div className="col sp">
              <div className="row g8"><h2 className={`${wide ? "t20" : "t16"} ell`}><bdi>{title}</bdi></h2><Who id={id} values={values} undoing={undoing} /></div>
              <span className="mut ell">{post && company ? t`${post} at ${company}` : post || company}</span>
            </div>
          </div>
          {values.preferences && <div className="note acc" style={{ marginTop: 12 }}><Sparkles /><span className="fact">{values.preferences}</span></div>}
        </div>
        {wide && <Summary id={id} lastSeen={values.last_seen} chats={values.conversation_count ?? 0} />}
        <div className="details">
        <div className="sect">
          <dl>
            {text("name")}
            {text("nick")}
            <Choice label={t`Kind`} value={values.kind ?? "person"} options={[["person", t`Person`], ["organization", t`Organization`]]} onSave={(value) => save("kind", value)} />
            {items("email")}
            {items("phone")}
            {text("company")}
            {text("job_title")}
            {text("department")}
            {text("stage")}
            {text("tier")}
            <Row label={t`Tags`} value={(values.tags ?? []).join(", ")} onSave={(value) => save("tags", value.split(",").map((tag) => tag.trim()).filter(Boolean))}>
              {(values.tags ?? []).map((tag) => <span key={tag} className="tag" style={{ "--h": hue(tag) } as React.CSSProperties}>{tag}</span>)}
            </Row>
            {text("description")}
            {text("preferences")}
            {items("handle")}
            {items("url")}
            {items("date")}
            {items("address")}
            {links.map((one, at) => (
              <LinkRow key={`${one.connector}${one.scope}${one.external_id}`} label={at === 0 ? t`External ID` : ""} link={one} onChange={() => setLink({ from: one })} />
            ))}
            {shownCustom.map((field) => (
              <Row key={field.key} label={field.label} value={textOf(values.custom?.[field.key])} editing={adding === `custom.${field.key}`} onCancel={() => setAdding(null)} onSave={(next) => save(`custom.${field.key}`, next === "" ? null : next)} />
            ))}
            <div className="fl"><dt /><dd>
              <select className="addfield" value="" aria-label={t`Add a field`} onChange={(e) => (e.target.value === "external_id" ? setLink({ from: null }) : setAdding(e.target.value || null))}>
                <option value="">{t`Add a field`}</option>
                {choices.map(([key, label]) => <option key={key} value={key}>{label}</option>)}
              </select>
            </dd></div>
            <Fact label={t`Source`} value={values.source ?? ""} />
            {values.page_url && <Fact label={t`Page`} value={values.page_url} />}
            {values.ip_country && <Fact label={t`Country by IP`} value={values.ip_country} />}
            {values.first_seen !== undefined && <Fact label={t`First seen`} value={moment(new Date(values.first_seen))} />}
            {values.last_seen !== undefined && <Fact label={t`Last seen`} value={moment(new Date(values.last_seen))} />}
            <Fact label={t`Conversations`} value={String(values.conversation_count ?? 0)} />
            <Fact label={t`Id`} value={id} mono />
          </dl>
        </div>
        <Payments contact={id} undoing={undoing} />
        {values.metadata && (
          <details className="sect"><summary className="mut"><Trans>Raw metadata</Trans></summary>
            <Metadata text={values.metadata} onPromote={(key) => promote.mutate({ key, label: words(key) }, {
              onSuccess: ({ count, operation }) => toast(promoted(words(key), count), undoing(operation)),
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

const changed = (field: string) => t`${field} changed`;
const promoted = (field: string, amount: number) => plural(amount, { one: `${field} is a field now, for ${n(amount)} contact`, other: `${field} is a field now, for ${n(amount)} contacts` });
const unmerged = (subject: string, kept: number) => kept ? plural(kept, { one: `Unmerged ${subject}. ${n(kept)} kept because you edited it`, other: `Unmerged ${subject}. ${n(kept)} kept because you edited them` }) : t`Unmerged ${subject}`;

/** How well it is known who this is, and the way to say so. */
function Who({ id, values, undoing }: { id: string; values: Values; undoing: Props["undoing"] }) {
  const verify = useAction("contact_verify");
  const toast = useToast();
  const [how, setHow] = useState("");
  const say = (word: string) => ({
    onSuccess: ({ operation }: { operation: string | null }) => toast(word, undoing(operation)),
    onError: (error: unknown) => toast(sentence(error)),
  });
  if (values.identity === "anonymous") return <span className="bdg inf"><UserRound /> <Trans>Visitor</Trans></span>;
  const verified = values.identity === "verified";
  const [since, by] = [values.verified_at !== undefined && moment(new Date(values.verified_at)), values.verified_by];
  return (
    <Popover className={`bdg whobtn ${verified ? "ok" : ""}`} title={t`Identity`} label={<><BadgeCheck /> {verified ? t`Verified` : t`Identified`}</>}>
      {(close) => verified ? (
        <div className="col g8">
          <p>{since ? <Trans>Verified on <bdi>{since}</bdi>: <bdi>{by}</bdi></Trans> : <Trans>Verified: <bdi>{by}</bdi></Trans>}</p>
          <button type="button" className="btn sm" onClick={() => { close(); verify.mutate({ id, how: null }, say(t`Not verified any more`)); }}><Trans>Take that back</Trans></button>
        </div>
      ) : (
        <form className="col g8" onSubmit={(event) => { event.preventDefault(); if (how.trim()) { verify.mutate({ id, how }, say(t`Verified`)); close(); } }}>
          <p className="mut"><Trans>It was said who this is. If you made sure of it, say how.</Trans></p>
          <span className="inp"><input aria-label={t`How you made sure`} placeholder={t`Passport seen on 3 May`} value={how} onChange={(event) => setHow(event.target.value)} /></span>
          <button type="submit" className="btn sm" disabled={!how.trim()}><Trans>Verified</Trans></button>
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
        <b className="w5">{entry.part === null ? operationWord(entry.kind) : capital(subjectOf("part_change", entry.part))}</b> {(entry.kind === "import" || entry.kind === "ingest") && <span className="mut">{entry.subject}</span>}
        {entry.kind === "contact_combine" && <> <span className="mut"><bdi>{subjectOf(entry.kind, entry.subject)}</bdi></span> <button type="button" className="linkb" onClick={() => unmerge.mutate({ id: entry.operation }, {
          onSuccess: ({ operation, kept }) => toast(unmerged(subjectOf(operation.kind, operation.subject), kept.length)),
          onError: (error) => toast(sentence(error)),
        })}><Trans>Unmerge</Trans></button></>}
        {made && entry.kind === "import" && <div className="t12 mut"><Trans>Made from this file</Trans></div>}
        {entry.changes.slice(0, 6).map((change) => {
          const [field, was] = [fieldLabel(change.field), told(change.old) || t`empty`];
          return <div key={change.field} className="diff">
            <span className="mut">{field}</span>
            <bdi className="was">{was}</bdi>
            <bdi className="w5">{told(change.new) || t`empty`}</bdi>
            {change.restorable && <button type="button" className="linkb" aria-label={t`Restore ${field} to ${was}`} onClick={() => restore.mutate({ id, operation: entry.operation, field: change.field }, {
              onSuccess: ({ count, operation }) => toast(count > 0 ? t`${field} restored` : t`${field} is so already`, undoing(operation)),
              onError: (error) => toast(sentence(error)),
            })}><Trans>Restore</Trans></button>}
          </div>;
        })}
      </div>
      <time dateTime={entry.at}><bdi>{day(new Date(entry.at))}, {time(entry.at)}</bdi></time>
    </li>
  );
}
