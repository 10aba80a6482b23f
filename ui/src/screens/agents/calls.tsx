import { plural } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Ban, Upload } from "lucide-react";
import { useState } from "react";
import { host, useAction, useCommand } from "../../api/cache";
import type { AgentCallView, AgentParts, ApprovableView } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { Failure } from "../../components/failure";
import { useToast } from "../../components/toast";
import { capital, day, n, time } from "../../text/words";
import { leftWords, resultWord } from "./words";

/** As many calls are read at once. */
const PAGE = 100;

interface Props {
  client: AgentParts;
  fields: ApprovableView[];
  onContact(id: string): void;
}

/** Every call of a client, with the fields that left. */
export function Calls({ client, fields, onContact }: Props) {
  const latest = useCommand("agent_calls", { client: client.id, before: null });
  const older = useAction("agent_calls");
  const write = useAction("agent_calls_export");
  const columns = useCommand("export_columns", {});
  const toast = useToast();
  const [more, setMore] = useState<AgentCallView[]>([]);
  const [isWhole, setWhole] = useState(false);
  const fresh = latest.data?.calls ?? [];
  // Where so many came since that those between were not read, the older ones are read again.
  const isJoined = fresh.some(({ call }) => call === more[0]?.call);
  const all = [...fresh, ...(isJoined ? more : []).filter((one) => !fresh.some(({ call }) => call === one.call))];
  const last = all.at(-1);
  const load = () => last && older.mutate({ client: client.id, before: last.call }, { onSuccess: ({ calls }) => { setMore([...all, ...calls]); setWhole(calls.length < PAGE); }, onError: (error) => toast(capital(sentence(error))) });
  const save = async () => {
    const file = await host.chooseTarget(`${columns.data?.folder ?? "."}/agent-calls.jsonl`);
    if (file) write.mutate({ file }, { onSuccess: ({ count }) => toast(plural(count, { one: `${n(count)} call written to ${file}`, other: `${n(count)} calls written to ${file}` })), onError: (error) => toast(capital(sentence(error))) });
  };
  // A list that fills the page may have others behind it.
  const mayGoOn = fresh.length >= PAGE && !(isWhole && isJoined);
  return (
    <section className="card agcard agwhole" aria-labelledby="agcalls">
      <header><h3 id="agcalls"><Trans>Every call</Trans></h3><span className="t12 mut"><Trans>with the fields that left, kept 24 months</Trans></span><span className="sp" /><button type="button" className="btn gh sm" disabled={write.isPending} onClick={() => void save()}><Upload /> <Trans>Export the calls of all clients</Trans></button></header>
      {latest.error && <div className="pad"><Failure error={latest.error} /></div>}
      {latest.data && all.length === 0 ? <p className="pad mut"><Trans>It never asked for anything.</Trans></p> : (
        <div className="agwide" tabIndex={0} role="region" aria-labelledby="agcalls">
          <table className="tbl agcalls">
            <thead><tr><th scope="col"><Trans>When</Trans></th><th scope="col"><Trans>Tool</Trans></th><th scope="col"><Trans>Card</Trans></th><th scope="col"><Trans>Result</Trans></th><th scope="col"><Trans>Fields it got, or why not</Trans></th></tr></thead>
            <tbody>
              {all.map((one) => {
                const said = leftWords(one, fields);
                return (
                  <tr key={one.call}>
                    <td className="mut num"><bdi>{whenWords(one.at)}</bdi></td><td className="mono" data-text>{one.tool}</td>
                    <td>{one.contact ? <button type="button" className="linkb ell" onClick={() => one.contact && onContact(one.contact)}><bdi>{one.name}</bdi></button> : <span className="fnt"><Trans>nobody</Trans></span>}</td>
                    <td className={one.result === "refused" ? "bad" : ""}><span className="row g4">{one.result === "refused" && <Ban />}{resultWord(one)}</span></td><td className="mut" title={said}>{said}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
      {mayGoOn && <footer><button type="button" className="btn sm" disabled={older.isPending} onClick={load}><Trans>Older calls</Trans></button></footer>}
    </section>
  );
}

/** The time today, else the day with it. */
function whenWords(iso: string): string {
  const at = new Date(iso);
  return at.toDateString() === new Date().toDateString() ? time(iso) : `${day(at)}, ${time(iso)}`;
}
