import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Ban, Ellipsis, Eye, FileX, GitFork, KeyRound, Pause, RefreshCw, SlidersHorizontal, Trash2, TriangleAlert, X, Zap } from "lucide-react";
import { useEffect, useState } from "react";
import { useAction, useProgress } from "../../api/cache";
import type { RemoteView, RunPreview } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { Mark } from "../../components/mark";
import { Popover } from "../../components/popover";
import { useToast } from "../../components/toast";
import { capital, contacts, moment, n } from "../../text/words";
import { fieldsWorded, worded } from "../../text/worded";
import { useCheck, useIsChecking } from "./check";
import { Described } from "./described";
import { Agree, Password, Reason, Remove } from "./dialogs";
import { Collisions, NearMisses, Preflight, Review } from "./preflight";
import { Rules } from "./rules";
import { Runs } from "./runs";
import { everyWords, Schedule } from "./schedule";
import { State } from "./state";
import { Preview } from "./would";

/** What is under way at which connection. */
export interface Busy {
  id: string;
  what: "sync" | "preview";
}

interface Props {
  remote: RemoteView;
  busy: Busy | null;
  preview: RunPreview | undefined;
  /** Just connected: what is there is looked at once. */
  fresh: boolean;
  onLooked(): void;
  /** Changes of the field map that are not kept yet. */
  unsaved: number;
  onMap(): void;
  onSync(): void;
  onPreview(): void;
  onPreviewClosed(): void;
  onInbox(): void;
}

/** One connection: what goes where, whether it may, and what its runs did. */
export function Remote({ remote, busy, preview, fresh, onLooked, unsaved, onMap, onSync, onPreview, onPreviewClosed, onInbox }: Props) {
  const { id, name, state } = remote;
  const check = useCheck(id);
  const isChecking = useIsChecking();
  const enable = useAction("remote_enable");
  const toast = useToast();
  const [asking, setAsking] = useState<"agree" | "reason" | "password" | "remove" | null>(null);
  const isBusy = busy !== null || isChecking || enable.isPending;
  const found = check.data;
  const close = () => setAsking(null);
  const look = () => void check.refetch({ cancelRefetch: false });
  useEffect(() => {
    if (!fresh) return;
    onLooked();
    look();
  }, [fresh]);
  const turn = (on: boolean) => enable.mutate({ id, on, reason: "" }, { onSuccess: () => toast(on ? t`${name} is on` : t`${name} is paused: nothing goes either way`), onError: (error) => toast(sentence(error)) });
  // A connection is never turned on unseen: what is there is looked at first.
  const turnOn = () => (!found ? look() : found.passed ? turn(true) : setAsking("reason"));
  const isOff = state === "off";
  const running = busy?.id === id ? busy.what : check.isFetching || enable.isPending ? "check" : state === "running" && !isBusy ? "elsewhere" : null;
  const asks = remote.asked.length > 0;
  const flow = capital(fieldsWorded(remote.sentence));
  return (
    <main className="main" aria-label={name}>
      <div className="head conhead">
        <Mark name={name} /><h2 className="title ell"><bdi>{name}</bdi></h2><State remote={remote} /><span className="t12 fnt ell conplace ltr" title={remote.place}>{remote.place}</span>
        <span className="sp" />
        {isOff
          ? <button type="button" className="btn gh" disabled={isBusy} onClick={turnOn}><Zap /> <span className="word"><Trans>Turn on</Trans></span></button>
          : <button type="button" className="btn gh" disabled={enable.isPending} onClick={() => turn(false)}><Pause /> <span className="word"><Trans>Pause</Trans></span></button>}
        <button type="button" className="btn gh" onClick={onMap}><SlidersHorizontal /> <span className="word"><Trans>Field map</Trans></span>{unsaved > 0 && <span className="dotn s6 acc" role="img" aria-label={t`changed, not saved`} />}</button>
        <button type="button" className="btn" disabled={isBusy} onClick={onPreview}><Eye /> <span className="word"><Trans>Preview</Trans></span></button>
        <button type="button" className={`btn ${isOff || asks || preview ? "" : "pri"}`} disabled={isBusy || isOff} title={isOff ? t`A run may write once the connection is turned on.` : undefined} onClick={onSync}><RefreshCw /> <span className="word"><Trans>Sync now</Trans></span></button>
        <Popover className="btn ic gh" title={t`More`} picture label={<Ellipsis />}>
          {(shut) => (
            <div className="conmenu">
              <button type="button" onClick={() => { shut(); setAsking("password"); }}><KeyRound /> <Trans>Another password</Trans></button>
              <button type="button" className="bad" onClick={() => { shut(); setAsking("remove"); }}><Trash2 /> <Trans>Remove the connection</Trans></button>
            </div>
          )}
        </Popover>
      </div>
      <div className="scroll conbody">
        {asks && (
          <div className="note warn" role="status"><TriangleAlert />
            <span className="sp"><b className="w5">{plural(remote.asked.length, { one: "The last run stopped and asks you something", other: `The last run stopped and asks you ${n(remote.asked.length)} things` })}</b><br />{remote.asked.map((question) => capital(fieldsWorded(question))).join(". ")}</span>
            <button type="button" className="btn pri" disabled={isBusy} onClick={() => setAsking("agree")}><Trans>Look and agree</Trans></button>
          </div>
        )}
        {!asks && remote.message && (
          <div className={`note ${state === "sign_in" ? "warn" : "bad"}`} role="status">{state === "sign_in" ? <KeyRound /> : <TriangleAlert />}
            <span className="sp"><b className="w5"><Trans>The last run did not get through</Trans></b><br /><bdi>{capital(worded(remote.message))}</bdi></span>
            {state === "sign_in" && <button type="button" className="btn" onClick={() => setAsking("password")}><Trans>Another password</Trans></button>}
            <button type="button" className="btn" disabled={isBusy || isOff} onClick={onSync}><Trans>Try again</Trans></button>
          </div>
        )}
        {remote.waiting > 0 && (
          <div className="note" role="status"><GitFork className="warn" /><span className="sp">{plural(remote.waiting, { one: `${n(remote.waiting)} contact waits for you. Both sides stay as they are until you choose.`, other: `${n(remote.waiting)} contacts wait for you. Both sides stay as they are until you choose.` })}</span>
            <button type="button" className="btn sm" onClick={onInbox}><Trans>Open the Inbox</Trans></button></div>
        )}
        {remote.refused > 0 && (
          <div className="note" role="status"><Ban className="bad" /><span className="sp">{plural(remote.refused, { one: `${n(remote.refused)} write is not taken by ${name}. The Inbox says why.`, other: `${n(remote.refused)} writes are not taken by ${name}. The Inbox says why.` })}</span>
            <button type="button" className="btn sm" onClick={onInbox}><Trans>Open the Inbox</Trans></button></div>
        )}
        <p className="conflow"><Trans><b>{contacts(remote.linked)}</b> linked.</Trans> {flow}. <Trans>It runs <b>{everyWords(remote.everyMinutes)}</b>.</Trans> <button type="button" className="linkb" onClick={onMap}><Trans>Change what goes where</Trans></button></p>
        {running && <Running what={running} name={name} />}
        {preview && <Preview remote={remote} found={preview} busy={isBusy} onSync={onSync} onClose={onPreviewClosed} />}
        <div className="conpair">
          <Preflight remote={remote} check={check} busy={isBusy} onCheck={look} />
          <Review remote={remote} check={check} busy={isBusy} onEnable={turnOn} />
        </div>
        {found && found.near > 0 && <NearMisses near={found.near} shown={found.nearMisses} />}
        {found && found.collisions.length > 0 && <Collisions collisions={found.collisions} />}
        <Schedule remote={remote} />
        {remote.setup.form.length > 0 && <Described remote={remote} />}
        {remote.rules.length > 0 && <Rules remote={remote} />}
        {remote.quarantined.length > 0 && <Quarantined remote={remote} />}
        <Runs remote={remote} />
      </div>
      {asking === "agree" && <Agree remote={remote} onClose={close} onAgreed={onSync} />}
      {asking === "reason" && found && <Reason remote={remote} found={found} onClose={close} />}
      {asking === "password" && <Password remote={remote} onClose={close} />}
      {asking === "remove" && <Remove remote={remote} onClose={close} />}
    </main>
  );
}

/** Where it stands, and the way to stop it. */
function Running({ what, name }: { what: "sync" | "preview" | "check" | "elsewhere"; name: string }) {
  const progress = useProgress();
  const stop = useAction("job_stop");
  const done = progress?.job === "sync" ? progress.done : 0;
  const far = done === 0 ? "" : what === "check" ? plural(done, { one: `${n(done)} record so far`, other: `${n(done)} records so far` }) : plural(done, { one: `${n(done)} request so far`, other: `${n(done)} requests so far` });
  const words = { sync: t`Syncing with ${name}`, preview: t`Reading ${name}, nothing is written`, check: t`Comparing the records of ${name}, nothing is written`, elsewhere: t`A run is under way, or was cut off` };
  return (
    <div className="note inf conrun" role="status">
      <RefreshCw /><span className="sp">{words[what]}</span><span className="num mut nw">{far}</span>
      <button type="button" className="btn sm" disabled={stop.isPending} onClick={() => stop.mutate({ job: "sync" })}><X /> <Trans>Stop</Trans></button>
    </div>
  );
}

/** Records that cannot be taken. They are left alone there, and tried again when they change. */
function Quarantined({ remote }: { remote: RemoteView }) {
  return (
    <section className="card" aria-labelledby="aside-title">
      <header><FileX className="warn" /><h3 id="aside-title"><Trans>Records set aside</Trans></h3><span className="t12 mut ell">{plural(remote.quarantined.length, { one: `${n(remote.quarantined.length)} record that cannot be taken; it stays there as it is`, other: `${n(remote.quarantined.length)} records that cannot be taken; they stay there as they are` })}</span></header>
      <div className="conlong" tabIndex={0} role="region" aria-labelledby="aside-title">
        <table className="tbl conaside">
          <thead><tr><th><Trans>Record</Trans></th><th><Trans>Reason</Trans></th><th><Trans>Since</Trans></th></tr></thead>
          <tbody>{remote.quarantined.map((one) => <tr key={one.key}><td className="mono" data-text title={one.key}>{one.key}</td><td title={worded(one.reason)}><bdi>{worded(one.reason)}</bdi></td><td className="mut num"><bdi>{moment(new Date(one.at))}</bdi></td></tr>)}</tbody>
        </table>
      </div>
    </section>
  );
}
