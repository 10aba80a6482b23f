import type { MessageDescriptor } from "@lingui/core";
import { i18n } from "@lingui/core";
import { msg, plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Siren, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { useAction, useCommand } from "../../api/cache";
import type { BreachRequest, BreachView } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { Failure } from "../../components/failure";
import { FileTarget, useTarget } from "../../components/file-target";
import { Print } from "../../components/paper";
import { useToast } from "../../components/toast";
import { capital, fieldLabel, moment, n } from "../../text/words";
import { worded } from "../../text/worded";
import { Choice, Field, Sheet } from "./parts";

type What = BreachRequest["what"];
const WHATS: [What, MessageDescriptor][] = [["everything", msg`Everything: the workspace or a backup`], ["remote", msg`What a connection or webhook got`], ["export", msg`A file that was exported`], ["filter", msg`Contacts of a filter`]];
const NAMES: Record<Exclude<What, "everything">, MessageDescriptor> = { remote: msg`The connection or webhook`, export: msg`The file that was exported`, filter: msg`A saved view` };

/** This minute by the clock of the wall, as a field of the page has it. */
function now(): string {
  const at = new Date();
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** Who is affected when something was lost or read by strangers, and until when the authority is to be told. */
export function Breach({ onContact }: { onContact(id: string): void }) {
  const remotes = useCommand("remote_list", {});
  const webhooks = useCommand("webhook_list", {});
  const exported = useCommand("export_log", {});
  const segments = useCommand("segment_list", {});
  const query = useAction("breach_query");
  const toast = useToast();
  const [asked, setAsked] = useState({ what: "everything" as What, name: "", from: "", until: "", found: now() });
  const [failure, setFailure] = useState<unknown>(null);
  const [seen, setSeen] = useState<BreachView | null>(null);
  const [target, setTarget] = useTarget("affected.csv");
  const put = (change: Partial<typeof asked>) => {
    setAsked({ ...asked, ...change });
    setSeen(null);
  };
  const isReady = asked.from !== "" && asked.until !== "" && (asked.what === "everything" || asked.name.trim() !== "");
  const ask = (file: string | null) => {
    if (!isReady || query.isPending) return;
    setFailure(null);
    query.mutate({ ...asked, from: utc(asked.from), until: utc(asked.until), found: asked.found && utc(asked.found), file, replace: file !== null && target.asked }, { onSuccess: (found) => { setSeen(found); if (file) toast(t`Who is affected is in ${file}`); }, onError: (error) => (file ? toast(sentence(error)) : setFailure(error)) });
  };
  const time = (key: "from" | "until" | "found", label: string) => <label className="col pvfield"><span className="lab">{label}</span><span className="inp"><input type="datetime-local" aria-label={label} value={asked[key]} onChange={(event) => put({ [key]: event.target.value })} /></span></label>;
  const name = asked.what === "everything" ? null : i18n._(NAMES[asked.what]);
  const known: Record<What, [string, string][]> = {
    everything: [],
    remote: [...(remotes.data?.remotes ?? []), ...(webhooks.data?.webhooks ?? [])].map((one): [string, string] => [one.id, one.name]),
    // The same file written twice is one file.
    export: [...new Map((exported.data?.entries ?? []).map((one): [string, string] => [one.sha256, `${one.file}, ${moment(new Date(one.at))}`]))],
    filter: [...new Map((segments.data?.segments ?? []).map((one): [string, string] => [one.filter, one.name]))].filter(([filter]) => filter !== ""),
  };
  const isKnown = known[asked.what].some(([key]) => key === asked.name);
  return (
    <Sheet title={t`Breach`} tools={<Print />}>
      <div className="scroll pvpage pvleft">
        <div className="colm">
          <form className="card" aria-label={t`What happened`} onSubmit={(event) => { event.preventDefault(); ask(null); }}>
            <header><h3><Trans>What happened</Trans></h3></header>
            <div className="pad col pvgap">
              <Choice label={t`What was lost, or read by strangers`} value={asked.what} of={WHATS.map(([key, label]): [What, string] => [key, i18n._(label)])} onValue={(what) => put({ what, name: "" })} />
              {name && <Choice label={name} value={isKnown ? asked.name : ""} of={[["", asked.what === "filter" ? t`Another filter` : t`Choose`], ...known[asked.what]]} onValue={(chosen) => put({ name: chosen })} />}
              {asked.what === "filter" && <Field label={t`The filter`} value={asked.name} onValue={(filter) => put({ name: filter })} />}
              {time("from", t`From when`)}
              {time("until", t`Until when`)}
              {time("found", t`Discovered on`)}
              {failure !== null && <Failure error={failure} />}
            </div>
            <footer><button type="submit" className="btn pri" disabled={!isReady || query.isPending}><Siren /> {query.isPending ? t`Searching` : t`Who is affected`}</button></footer>
          </form>
        </div>
        <div className="colm">
          {seen ? <Affected found={seen} onContact={onContact} /> : <div className="empty"><Siren /><p className="mut"><Trans>Say what happened. Where it cannot be known, somebody too many is named rather than somebody too few.</Trans></p></div>}
          {seen && (
            <form className="card noprint" aria-label={t`The whole list`} onSubmit={(event) => { event.preventDefault(); ask(target.file); }}>
              <header><h3><Trans>The whole list as a file</Trans></h3></header>
              <div className="pad row"><FileTarget target={target} onTarget={setTarget} label={t`File of the list`} /><button type="submit" className="btn" disabled={target.file === "" || query.isPending}><Trans>Write</Trans></button></div>
            </form>
          )}
        </div>
      </div>
    </Sheet>
  );
}

/** What the clock of the wall says, as the engine takes it. */
function utc(local: string): string {
  const at = new Date(local);
  return Number.isNaN(at.getTime()) ? local : at.toISOString();
}

function Affected({ found, onContact }: { found: BreachView; onContact(id: string): void }) {
  const by = moment(new Date(found.tellBy));
  const more = found.people - found.first.length;
  return (
    <section className="card" aria-labelledby="affected-title">
      <header><h3 id="affected-title"><span role="status">{plural(found.people, { one: `${n(found.people)} contact is affected`, other: `${n(found.people)} contacts are affected` })}</span></h3></header>
      <div className="pad col pvgap">
        <p className="note warn"><TriangleAlert /><span><Trans>The authority is to be told by <b>{by}</b> at the latest (Art. 33).</Trans></span></p>
        {found.gone > 0 && <p>{plural(found.gone, { one: `${n(found.gone)} more was there and is gone from here since`, other: `${n(found.gone)} more were there and are gone from here since` })}</p>}
        {found.unreachable > 0 && <p>{plural(found.unreachable, { one: `${n(found.unreachable)} has neither an email nor a phone`, other: `${n(found.unreachable)} have neither an email nor a phone` })}</p>}
        {found.remarks.map((one, at) => <p key={at} className="mut">{capital(worded(one))}</p>)}
      </div>
      {found.first.length > 0 && (
        <table className="tbl">
          <thead><tr><th scope="col"><Trans>Contact</Trans></th><th scope="col"><Trans>Where to tell them</Trans></th><th scope="col"><Trans>Which fields</Trans></th></tr></thead>
          <tbody>{found.first.map((one) => <tr key={one.id}><td><button type="button" className="linkb ell" onClick={() => onContact(one.id)}><bdi>{one.name}</bdi></button></td><td><bdi>{one.email || one.phone || "–"}</bdi></td><td className="mut">{one.fields.length > 0 ? one.fields.map(fieldLabel).join(", ") : t`all that is kept`}</td></tr>)}</tbody>
        </table>
      )}
      {more > 0 && <footer className="mut">{plural(more, { one: `and ${n(more)} more`, other: `and ${n(more)} more` })}</footer>}
    </section>
  );
}
