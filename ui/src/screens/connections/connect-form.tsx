import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Plug, Search } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { useAction } from "../../api/cache";
import type { SetupView } from "../../api/generated/commands";
import { Dialog } from "../../components/dialog";
import { Failure } from "../../components/failure";
import { useToast } from "../../components/toast";
import { named } from "../../text/worded";
import { hostsAt } from "./flow";
import { Known } from "./known";
import { filledFields, isFilled, SetupForm, type Typed } from "./setup-form";

/** In place of a kind: a manifest that the person brings. */
export const OWN = "own";
/** The field of a form by which another address is typed. */
const ADDRESS = "base_url";

interface Props {
  kind: string;
  label: string;
  /** Nothing for a manifest that was not looked at yet. */
  setup: SetupView | null;
  /** The choice among the kinds. */
  choice: ReactNode;
  onClose(): void;
  onConnected(id: string): void;
}

/** A system that a manifest describes: what its form asks for, and under which name. */
export function ConnectForm({ kind, label, setup: given, choice, onClose, onConnected }: Props) {
  const [text, setText] = useState("");
  const [own, setOwn] = useState<{ label: string; setup: SetupView } | null>(null);
  const [typed, setTyped] = useState<Typed>({});
  const [name, setName] = useState<string | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const toast = useToast();
  const look = useAction("remote_manifest");
  const connect = useAction("remote_connect");
  const setup = given ?? own?.setup ?? null;
  const address = setup?.form.find((field) => field.name === ADDRESS);
  // The keyboard goes on in the form that the manifest asks to be filled in.
  useEffect(() => {
    if (own) document.querySelector<HTMLElement>("[role=dialog] .inp input")?.focus();
  }, [own]);
  const called = (name ?? (given ? named(label) : own?.label) ?? "").trim();
  const isBusy = look.isPending || connect.isPending;
  const isReady = setup !== null && called !== "" && isFilled(setup.form, typed);
  const read = () => {
    if (text.trim() === "" || isBusy) return;
    setFailure(null);
    look.mutate({ text }, { onSuccess: setOwn, onError: setFailure });
  };
  const start = () => {
    if (!setup || !isReady || isBusy) return;
    setFailure(null);
    const fields = filledFields(setup.form, typed);
    connect.mutate({ name: called, kind: given ? kind : "", fields, manifest: given ? "" : text }, { onSuccess: () => toast(t`${{ name: called }} is connected. Nothing was synced yet.`), onError: setFailure, ifShown: ({ id }) => onConnected(id) });
  };
  return (
    <Dialog title={t`Connect`} width={480} onClose={onClose} onSubmit={setup ? start : read}
      buttons={<>
        <button type="button" className="btn" onClick={onClose}><Trans>Cancel</Trans></button>
        {setup
          ? <button type="submit" className="btn pri" disabled={!isReady || isBusy}><Plug /> {connect.isPending ? t`Connecting` : t`Connect`} <span className="kbd">Enter</span></button>
          : <button type="submit" className="btn pri" disabled={text.trim() === "" || isBusy}><Search /> {look.isPending ? t`Looking` : t`Look`}</button>}
      </>}>
      {choice}
      {!given && (
        <label className="col"><span className="lab"><Trans>The text of the manifest</Trans></span>
          <textarea className="conmanifest mono t12" rows={8} spellCheck={false} aria-label={t`The text of the manifest`} readOnly={isBusy} value={text} onChange={(event) => { setText(event.target.value); setOwn(null); setFailure(null); }} />
        </label>
      )}
      {setup && (
        <div className="col conform">
          <SetupForm setup={setup} typed={typed} isBusy={isBusy} onType={(all) => { setTyped(all); setFailure(null); }} />
          <label className="col"><span className="lab"><Trans>Name of the connection</Trans></span><span className="inp"><input aria-label={t`Name of the connection`} value={name ?? called} readOnly={isBusy} onChange={(event) => setName(event.target.value)} /></span></label>
          <Known setup={address ? { ...setup, hosts: hostsAt(typed[ADDRESS] ?? address.value, setup.hosts) } : setup} />
          <p className="t12 mut"><Trans>Connecting asks for the first page and keeps nothing of it. Secrets are kept encrypted in this workspace. Nothing is written on either side: what you have is compared first, and you approve what may leave.</Trans></p>
        </div>
      )}
      {failure !== null && <Failure error={failure} />}
    </Dialog>
  );
}
