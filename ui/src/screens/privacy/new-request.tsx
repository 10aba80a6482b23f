import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { CalendarClock } from "lucide-react";
import { useState } from "react";
import { useAction, useCommand } from "../../api/cache";
import type { DueView, NewRequest as Written } from "../../api/generated/commands";
import { Dialog } from "../../components/dialog";
import { Failure } from "../../components/failure";
import { Choice, Field } from "./parts";
import { CHANNELS, choices, dayWords, leftWords, ownTongue, RIGHTS, TONGUES } from "./words";

/** Today by the clock of the wall. */
function today(): string {
  const now = new Date();
  return [now.getFullYear(), String(now.getMonth() + 1).padStart(2, "0"), String(now.getDate()).padStart(2, "0")].join("-");
}

/** By when it has to be answered, before it is written down. */
function Due({ found }: { found: DueView }) {
  const [last, until] = [dayWords(found.due), found.lawGivesUntil ? dayWords(found.lawGivesUntil) : ""];
  return (
    <p className={`note ${found.light === "red" ? "bad" : ""}`} role="status"><CalendarClock /><span><Trans>Answer by <b className="w5">{last}</b></Trans>, {leftWords(found)}{until && <>. <Trans>The law gives until {until}.</Trans></>}</span></p>
  );
}

/** Writes down what somebody demands, on the day it came. */
export function NewRequest({ onClose, onAdded }: { onClose(): void; onAdded(id: string): void }) {
  const purposes = useCommand("purpose_list", {});
  const add = useAction("request_add");
  const [made, setMade] = useState<Written>({ right: "access", subject: "", name: "", replyTo: "", language: ownTongue(), channel: "email", purpose: "", note: "", received: today() });
  const [failure, setFailure] = useState<unknown>(null);
  const put = (change: Partial<Written>) => setMade({ ...made, ...change });
  const isReady = made.subject.trim() !== "";
  const due = useCommand("request_due", { received: made.received === today() ? "" : made.received });
  // An empty day is today for the engine, which knows best what today is.
  const save = () => {
    if (!isReady || add.isPending) return;
    const received = made.received === today() ? "" : made.received;
    add.mutate({ ...made, received }, { onError: setFailure, ifShown: ({ id }) => onAdded(id) });
  };
  return (
    <Dialog title={t`New request`} width={560} onClose={onClose} onSubmit={save}
      buttons={<><button type="button" className="btn" onClick={onClose}><Trans>Cancel</Trans></button><button type="submit" className="btn pri" disabled={!isReady || add.isPending}><Trans>Write it down</Trans> <span className="kbd">Enter</span></button></>}>
      <div className="pvtwo">
        <Choice label={t`What is asked for`} value={made.right} of={choices(RIGHTS)} onValue={(right) => put({ right })} />
        <Field label={t`The day it came`} type="date" value={made.received} onValue={(received) => put({ received })} />
      </div>
      {due.error ? <Failure error={due.error} /> : due.data && !due.isPlaceholderData && <Due found={due.data} />}
      <Field label={t`By what the person is found`} hint={t`An email, a phone or an ID`} value={made.subject} onValue={(subject) => put({ subject })} />
      <div className="pvtwo">
        <Field label={t`How they are called`} value={made.name} onValue={(name) => put({ name })} />
        <Field label={t`Where the answer goes`} value={made.replyTo} onValue={(replyTo) => put({ replyTo })} />
        <Choice label={t`How it came`} value={made.channel} of={choices(CHANNELS)} onValue={(channel) => put({ channel })} />
        <Choice label={t`Language of the letters`} value={made.language} of={TONGUES} onValue={(language) => put({ language })} />
      </div>
      {made.right === "objection" && (
        <Choice label={t`Against which purpose`} value={made.purpose} onValue={(purpose) => put({ purpose })}
          of={[["", t`Every purpose that can be objected to`], ...(purposes.data?.purposes ?? []).map(({ key, name }): [string, string] => [key, name])]} />
      )}
      <Field label={t`What else was said`} area value={made.note} onValue={(note) => put({ note })} />
      {failure !== null && <Failure error={failure} />}
    </Dialog>
  );
}
