import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ChevronDown, ChevronUp, FileText, StickyNote } from "lucide-react";
import { useState } from "react";
import type { DsarPreview, DsarTable } from "../../api/generated/commands";
import { n, partsOf } from "../../text/words";
import { chose, toggled } from "./flow";
import type { StepProps } from "./request";
import { reasonWord, tableWord } from "./words";

/** Every kind of data this program can hold, with what of it the answer shows. Nothing is left out in silence. */
export function Coverage({ preview, draft, onDraft }: StepProps & { preview: DsarPreview }) {
  const [all, setAll] = useState(false);
  const held = preview.tables.filter((one) => one.ofSubject > 0);
  const empty = preview.tables.filter((one) => one.ofSubject === 0);
  const recipients = preview.recipients.join(", ");
  const kinds = plural(preview.tables.length, { one: `All ${n(preview.tables.length)} kind of data`, other: `All ${n(preview.tables.length)} kinds of data` });
  return (
    <>
      <section className="card" aria-labelledby="coverage-title">
        <header><h4 id="coverage-title"><Trans>Coverage</Trans></h4><span className="mut">{kinds}, {partsOf("conversation", preview.conversations)}, {partsOf("file", preview.attachments)}</span></header>
        <table className="tbl pvcover">
          <thead><tr><th scope="col"><Trans>Kind of data</Trans></th><th scope="col" className="r"><Trans>Held</Trans></th><th scope="col" className="r"><Trans>In the answer</Trans></th><th scope="col"><Trans>Remark</Trans></th></tr></thead>
          <tbody>{[...held, ...(all ? empty : [])].map((one) => <Line key={one.table} one={one} />)}</tbody>
        </table>
        {empty.length > 0 && (
          <footer className="noprint"><button type="button" className="btn gh sm" aria-expanded={all} onClick={() => setAll(!all)}>{all ? <ChevronUp /> : <ChevronDown />} {all ? t`Only what is held` : plural(empty.length, { one: `${n(empty.length)} more kind, nothing held`, other: `${n(empty.length)} more kinds, nothing held` })}</button></footer>
        )}
      </section>
      <section className="card" aria-labelledby="choices-title">
        <header><h4 id="choices-title"><Trans>What else is given out</Trans></h4><span className="mut"><Trans>kept back unless you choose it</Trans></span></header>
        <div className="pad col pvgap">
          {preview.internalNotes.map(([id, text]) => (
            <label key={id} className="row top"><input type="checkbox" checked={draft.notes.includes(id)} onChange={() => onDraft((now) => chose(now, { notes: toggled(now.notes, id) }))} /><StickyNote className="mut" role="img" aria-label={t`Internal note`} /><span className="sp pvtext" data-text>{text}</span></label>
          ))}
          {preview.sharedFiles.map(([id, name]) => (
            <label key={id} className="row"><input type="checkbox" checked={draft.files.includes(id)} onChange={() => onDraft((now) => chose(now, { files: toggled(now.files, id) }))} /><FileText className="mut" role="img" aria-label={t`File on cards of others too`} /><bdi className="sp ell">{name}</bdi></label>
          ))}
          <label className="row"><input type="checkbox" checked={draft.staffNames} onChange={(event) => onDraft((now) => chose(now, { staffNames: event.target.checked }))} /> <Trans>Include staff names</Trans></label>
          <p className="mut">{recipients ? <Trans>Named as recipients: <bdi>{recipients}</bdi></Trans> : <Trans>Nobody else got data.</Trans>}</p>
        </div>
      </section>
    </>
  );
}

function Line({ one }: { one: DsarTable }) {
  const withheld = n(one.withheld);
  const remark = [one.withheld > 0 && t`${withheld} kept back`, reasonWord(one.reason)].filter(Boolean).join(": ");
  return <tr><td>{tableWord(one.table)}</td><td className="r w5">{n(one.ofSubject)}</td><td className="r mut">{n(one.exported)}</td><td className="mut">{remark}</td></tr>;
}
