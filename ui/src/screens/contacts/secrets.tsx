import type { MessageDescriptor } from "@lingui/core";
import { i18n } from "@lingui/core";
import { msg, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Check, Eye, EyeOff, KeyRound, ShieldOff, Trash2 } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { host, useAction, useCommand } from "../../api/cache";
import type { SecretView } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { Dialog } from "../../components/dialog";
import { useToast } from "../../components/toast";
import { moment } from "../../text/words";
import { Tool, type Undoing, useSaying } from "../../components/tool";

/** How long a value stands on the screen. */
const SHOWN_MS = 30_000;

/** What a secret may be. */
const SORTS: Record<string, MessageDescriptor> = {
  token: msg({ message: "token", context: "secret" }),
  password: msg({ message: "password", context: "secret" }),
  key: msg({ message: "key", context: "secret" }),
  other: msg({ message: "other", context: "secret" }),
};

function sortWord(sort: string): string {
  const known = SORTS[sort];
  return known ? i18n._(known) : sort;
}

/** Credentials of a card: sealed, shown once after the passphrase. */
export function Secrets({ contact, secrets, undoing }: { contact: string; secrets: SecretView[]; undoing: Undoing }) {
  const session = useCommand("session_get", {});
  const verify = useAction("secret_verify");
  const revoke = useAction("secret_revoke");
  const remove = useAction("part_remove");
  const say = useSaying(undoing);
  const [name, setName] = useState("");
  const [sort, setSort] = useState("token");
  const [value, setValue] = useState("");
  const [asking, setAsking] = useState<string | null>(null);
  const [revoking, setRevoking] = useState<SecretView | null>(null);
  const toast = useToast();
  const seal = () => {
    if (!name.trim() || !value) return;
    const typed = value;
    setValue("");
    // Not through the cache of answers: that would keep the value.
    host.call("secret_add", { contact, name, sort, value: typed }).then(
      ({ operation }) => { setName(""); toast(t`Secret sealed`, undoing(operation)); },
      (error) => { setValue(typed); toast(sentence(error)); },
    );
  };
  return (
    <>
      {session.data?.unprotected ? (
        <p className="note warn" style={{ margin: 16 }}><ShieldOff /><span><Trans>This workspace has no protection, so it keeps no secrets: anybody at this computer could read them. Set a passphrase in Settings, Protection and keys.</Trans></span></p>
      ) : (
        <form className="writer" onSubmit={(event) => { event.preventDefault(); seal(); }}>
          <div className="row g8">
            <span className="inp sp"><input aria-label={t`What the secret opens`} placeholder={t`What it opens, as in Shop API`} value={name} onChange={(event) => setName(event.target.value)} /></span>
            <select className="fsel" style={{ width: 112, flex: "none" }} aria-label={t`What the secret is`} value={sort} onChange={(event) => setSort(event.target.value)}>
              {Object.keys(SORTS).map((one) => <option key={one} value={one}>{sortWord(one)}</option>)}
            </select>
          </div>
          <div className="row g8">
            <span className="inp sp"><input type="password" autoComplete="off" aria-label={t`Value of the secret`} placeholder={t`Value`} value={value} onChange={(event) => setValue(event.target.value)} /></span>
            <button type="submit" className="btn sm" disabled={!name.trim() || !value}><KeyRound /> <Trans>Seal</Trans></button>
          </div>
        </form>
      )}
      <ul className="plist2">
        {secrets.map((secret) => {
          const { name } = secret;
          const verified = secret.verifiedAt ? moment(new Date(secret.verifiedAt)) : "";
          const since = moment(new Date((secret.isSealed ? secret.createdAt : secret.revokedAt) ?? secret.createdAt));
          return (
            <li key={secret.id} className="file">
              <div className="sp">
                <p className="ell"><bdi>{name}</bdi> <span className="mut">{sortWord(secret.sort)}</span></p>
                <p className="t12 mut">
                  {secret.isSealed ? <Trans>Sealed <bdi>{since}</bdi></Trans> : <Trans>Revoked <bdi>{since}</bdi></Trans>}
                  {secret.verifiedAt && <>, <Trans>seen to work <bdi>{verified}</bdi></Trans></>}
                </p>
                {asking === secret.id && <Reveal id={secret.id} onDone={() => setAsking(null)} />}
              </div>
              {secret.isSealed && asking !== secret.id && <Tool name={t`Show ${name}`} icon={<Eye />} onClick={() => setAsking(secret.id)} />}
              {secret.isSealed && <Tool name={t`Verify ${name}`} icon={<Check />} onClick={() => verify.mutate({ id: secret.id }, say(t`Seen to work`))} />}
              {secret.isSealed
                ? <Tool name={t`Revoke ${name}`} icon={<ShieldOff />} onClick={() => setRevoking(secret)} />
                : <Tool name={t`Delete ${name}`} icon={<Trash2 />} onClick={() => remove.mutate({ id: secret.id }, say(t`Secret deleted`))} />}
            </li>
          );
        })}
      </ul>
      {revoking && (
        <Dialog title={t`Revoke ${revoking.name}?`} onClose={() => setRevoking(null)} onSubmit={() => { revoke.mutate({ id: revoking.id }, { onSuccess: () => toast(t`Revoked: its value is gone for ever`), onError: (error) => toast(sentence(error)) }); setRevoking(null); }}
          buttons={<><button type="button" className="btn" onClick={() => setRevoking(null)}><Trans>Keep it</Trans></button><button type="submit" className="btn dgr"><Trans>Revoke</Trans></button></>}>
          <p><Trans>Its value is deleted for ever. No undo brings it back.</Trans></p>
        </Dialog>
      )}
      {secrets.length === 0 && <p className="pad mut"><Trans>No secrets. A value that is sealed here is in no export, no search and no log, and no agent can read it.</Trans></p>}
    </>
  );
}

/** Asks for a key of the workspace, then shows the value for half a minute. It is kept nowhere else. */
function Reveal({ id, onDone }: { id: string; onDone(): void }) {
  const toast = useToast();
  const [proof, setProof] = useState("");
  const [value, setValue] = useState<string | null>(null);
  const done = useRef(onDone);
  done.current = onDone;
  useEffect(() => {
    if (value === null) return;
    const timer = window.setTimeout(() => done.current(), SHOWN_MS);
    return () => window.clearTimeout(timer);
  }, [value]);
  const ask = () => {
    const typed = proof;
    setProof("");
    // Not through the cache of answers: that would keep it.
    host.call("secret_reveal", { id, proof: typed }).then((shown) => setValue(shown.value), (error) => toast(sentence(error)));
  };
  if (value !== null)
    return <p className="row g8 shown"><code className="mono sp" data-text>{value}</code><button type="button" className="btn gh sm" onClick={onDone}><EyeOff /> <Trans>Hide</Trans></button></p>;
  return (
    <form className="row g8 shown" onSubmit={(event) => { event.preventDefault(); if (proof) ask(); }} onKeyDown={(event) => { if (event.key === "Escape") { event.stopPropagation(); onDone(); } }}>
      <span className="inp sp"><input autoFocus type="password" autoComplete="off" aria-label={t`Passphrase or recovery code`} placeholder={t`Passphrase or recovery code`} value={proof} onChange={(event) => setProof(event.target.value)} /></span>
      <button type="submit" className="btn sm" disabled={!proof}><Trans>Show</Trans></button>
      <button type="button" className="btn gh sm" onClick={onDone}><Trans>Cancel</Trans></button>
    </form>
  );
}
