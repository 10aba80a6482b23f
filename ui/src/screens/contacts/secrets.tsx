import { Check, Eye, EyeOff, KeyRound, ShieldOff, Trash2 } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { host, useAction, useCommand } from "../../api/cache";
import type { SecretView } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { Dialog } from "../../components/dialog";
import { useToast } from "../../components/toast";
import { moment } from "../../text/en";
import { Tool, type Undoing, useSaying } from "../../components/tool";

/** How long a value stands on the screen. */
const SHOWN_MS = 30_000;

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
      ({ operation }) => { setName(""); toast("Secret sealed", undoing(operation)); },
      (error) => { setValue(typed); toast(sentence(error)); },
    );
  };
  return (
    <>
      {session.data?.unprotected ? (
        <p className="note warn" style={{ margin: 16 }}><ShieldOff /><span>This workspace has no protection, so it keeps no secrets: anybody at this computer could read them. Set a passphrase in Settings, Protection and keys.</span></p>
      ) : (
        <form className="writer" onSubmit={(event) => { event.preventDefault(); seal(); }}>
          <div className="row g8">
            <span className="inp sp"><input aria-label="What the secret opens" placeholder="What it opens, as in Shop API" value={name} onChange={(event) => setName(event.target.value)} /></span>
            <select className="fsel" style={{ width: 112, flex: "none" }} aria-label="What the secret is" value={sort} onChange={(event) => setSort(event.target.value)}>
              {["token", "password", "key", "other"].map((one) => <option key={one}>{one}</option>)}
            </select>
          </div>
          <div className="row g8">
            <span className="inp sp"><input type="password" autoComplete="off" aria-label="Value of the secret" placeholder="Value" value={value} onChange={(event) => setValue(event.target.value)} /></span>
            <button type="submit" className="btn sm" disabled={!name.trim() || !value}><KeyRound /> Seal</button>
          </div>
        </form>
      )}
      <ul className="plist2">
        {secrets.map((secret) => (
          <li key={secret.id} className="file">
            <div className="sp">
              <p className="ell"><bdi>{secret.name}</bdi> <span className="mut">{secret.sort}</span></p>
              <p className="t12 mut">
                {secret.isSealed ? "Sealed " : "Revoked "}<bdi>{moment(new Date((secret.isSealed ? secret.createdAt : secret.revokedAt) ?? secret.createdAt))}</bdi>
                {secret.verifiedAt && <>, seen to work <bdi>{moment(new Date(secret.verifiedAt))}</bdi></>}
              </p>
              {asking === secret.id && <Reveal id={secret.id} onDone={() => setAsking(null)} />}
            </div>
            {secret.isSealed && asking !== secret.id && <Tool name={`Show ${secret.name}`} icon={<Eye />} onClick={() => setAsking(secret.id)} />}
            {secret.isSealed && <Tool name={`Verify ${secret.name}`} icon={<Check />} onClick={() => verify.mutate({ id: secret.id }, say("Seen to work"))} />}
            {secret.isSealed
              ? <Tool name={`Revoke ${secret.name}`} icon={<ShieldOff />} onClick={() => setRevoking(secret)} />
              : <Tool name={`Delete ${secret.name}`} icon={<Trash2 />} onClick={() => remove.mutate({ id: secret.id }, say("Secret deleted"))} />}
          </li>
        ))}
      </ul>
      {revoking && (
        <Dialog title={`Revoke ${revoking.name}?`} onClose={() => setRevoking(null)} onSubmit={() => { revoke.mutate({ id: revoking.id }, { onSuccess: () => toast("Revoked: its value is gone for ever"), onError: (error) => toast(sentence(error)) }); setRevoking(null); }}
          buttons={<><button type="button" className="btn" onClick={() => setRevoking(null)}>Keep it</button><button type="submit" className="btn dgr">Revoke</button></>}>
          <p>Its value is deleted for ever. No undo brings it back.</p>
        </Dialog>
      )}
      {secrets.length === 0 && <p className="pad mut">No secrets. A value that is sealed here is in no export, no search and no log, and no agent can read it.</p>}
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
    return <p className="row g8 shown"><code className="mono sp" data-text>{value}</code><button type="button" className="btn gh sm" onClick={onDone}><EyeOff /> Hide</button></p>;
  return (
    <form className="row g8 shown" onSubmit={(event) => { event.preventDefault(); if (proof) ask(); }} onKeyDown={(event) => { if (event.key === "Escape") { event.stopPropagation(); onDone(); } }}>
      <span className="inp sp"><input autoFocus type="password" autoComplete="off" aria-label="Passphrase or recovery code" placeholder="Passphrase or recovery code" value={proof} onChange={(event) => setProof(event.target.value)} /></span>
      <button type="submit" className="btn sm" disabled={!proof}>Show</button>
      <button type="button" className="btn gh sm" onClick={onDone}>Cancel</button>
    </form>
  );
}
