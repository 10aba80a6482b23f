import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Download, KeyRound, SlidersHorizontal } from "lucide-react";
import { useState } from "react";
import { useAction } from "../../api/cache";
import type { RemoteView } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { Dialog } from "../../components/dialog";
import { Failure } from "../../components/failure";
import { useToast } from "../../components/toast";
import { n } from "../../text/words";
import { Known } from "./known";
import { SetupForm, type Typed } from "./setup-form";

/** A connection that a manifest describes: what is known of the vendor, and what it is set to. */
export function Described({ remote }: { remote: RemoteView }) {
  const { id, name, setup } = remote;
  const [isFilling, setFilling] = useState(false);
  const signIn = useAction("remote_sign_in");
  const fetch = useAction("remote_fetch");
  const undo = useAction("history_undo");
  const toast = useToast();
  const fail = (error: unknown) => toast(sentence(error));
  const sign = () => signIn.mutate({ id }, { onSuccess: () => toast(t`You are signed in to ${name}.`), onError: fail });
  const bring = () =>
    fetch.mutate({ id, contact: "" }, {
      onSuccess: ({ parts, operation }) => {
        const back = operation ? () => undo.mutate({ id: operation }, { onError: fail }) : undefined;
        toast(plural(parts, { one: `${n(parts)} part is new here`, other: `${n(parts)} parts are new here` }), back);
      },
      onError: fail,
    });
  return (
    <section className="card" aria-labelledby="vendor-title">
      <header><h3 id="vendor-title"><Trans>The vendor</Trans></h3><span className="sp" />
        {setup.fetches && <button type="button" className="btn sm" disabled={fetch.isPending} onClick={bring}><Download /> {fetch.isPending ? t`Fetching` : t`Fetch conversations and more`}</button>}
        {setup.signsIn && <button type="button" className="btn sm" disabled={signIn.isPending} onClick={sign}><KeyRound /> {signIn.isPending ? t`Waiting for your browser` : t`Sign in`}</button>}
        <button type="button" className="btn sm" onClick={() => setFilling(true)}><SlidersHorizontal /> <Trans>Settings</Trans></button>
      </header>
      <div className="conset"><Known setup={setup} /></div>
      {isFilling && <Fill remote={remote} onClose={() => setFilling(false)} />}
    </section>
  );
}

/** What the form is filled in with from now on. Who saves it as it is agrees to whom it talks to: a new version of the program may bring further hosts. */
function Fill({ remote, onClose }: { remote: RemoteView; onClose(): void }) {
  const [typed, setTyped] = useState<Typed>({});
  const [failure, setFailure] = useState<unknown>(null);
  const fill = useAction("remote_fill");
  const { id, name, setup } = remote;
  const changed = setup.form.filter((field) => typed[field.name] !== undefined);
  const save = () => {
    if (fill.isPending) return;
    // A secret that is empty stays as it is; any other field goes back to what it is by itself.
    const fields = changed.map((field) => ({ name: field.name, value: typed[field.name] ?? "", isKept: field.kind === "secret" })).filter(({ value, isKept }) => value !== "" || !isKept);
    fill.mutate({ id, fields: fields.map(({ name, value }) => ({ name, value })) }, { onSuccess: onClose, onError: setFailure });
  };
  return (
    <Dialog title={t`Settings of ${name}`} width={480} onClose={onClose} onSubmit={save}
      buttons={<><button type="button" className="btn" onClick={onClose}><Trans>Cancel</Trans></button><button type="submit" className="btn pri" disabled={fill.isPending}><Trans>Save</Trans></button></>}>
      <SetupForm setup={setup} typed={typed} kept isBusy={fill.isPending} onType={(all) => { setTyped(all); setFailure(null); }} />
      {failure !== null && <Failure error={failure} />}
    </Dialog>
  );
}
