import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Check, Copy, Trash2, TriangleAlert, Webhook } from "lucide-react";
import { useState } from "react";
import { host, useAction } from "../../api/cache";
import type { WebhookView } from "../../api/generated/commands";
import { Dialog } from "../../components/dialog";
import { Failure } from "../../components/failure";
import { useToast } from "../../components/toast";
import { isOpen } from "./flow";

const EXAMPLE = "https://hooks.example/catch/1";

/** A new webhook; then its secret, once. */
export function AddHook({ onClose, onAdded }: { onClose(): void; onAdded(id: string): void }) {
  const [name, setName] = useState("");
  const [url, setUrl] = useState("");
  const [made, setMade] = useState<{ id: string; secret: string } | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const add = useAction("webhook_add");
  const start = () => name.trim() && url.trim() && !add.isPending && add.mutate({ name: name.trim(), url: url.trim() }, { onSuccess: setMade, onError: setFailure });
  if (made) return <SecretShown title={t`The secret of ${{ name: name.trim() }}`} secret={made.secret} about={t`Give it to the program that is told: with it a signature is checked. Nothing is sent before you approved fields and turned the webhook on.`} onClose={() => onAdded(made.id)} />;
  return (
    <Dialog title={t`Add a webhook`} width={480} onClose={onClose} onSubmit={start}
      buttons={<><button type="button" className="btn" onClick={onClose}><Trans>Cancel</Trans></button><button type="submit" className="btn pri" disabled={!name.trim() || !url.trim() || add.isPending}><Webhook /> <Trans>Add</Trans> <span className="kbd">Enter</span></button></>}>
      <p className="mut"><Trans>Another program is told when something happens to a contact: Zapier, Make, n8n, or one of your own.</Trans></p>
      <label className="col"><span className="lab"><Trans>Name</Trans></span><span className="inp"><input aria-label={t`Name of the webhook`} value={name} onChange={(event) => setName(event.target.value)} /></span></label>
      <Address url={url} onUrl={setUrl} />
      {failure !== null && <Failure error={failure} />}
    </Dialog>
  );
}

function Address({ url, onUrl }: { url: string; onUrl(url: string): void }) {
  return (
    <>
      <label className="col"><span className="lab"><Trans>Address</Trans></span><span className="inp"><input aria-label={t`Address of the webhook`} spellCheck={false} autoComplete="off" placeholder={EXAMPLE} value={url} onChange={(event) => onUrl(event.target.value)} /></span></label>
      {isOpen(url) && <p className="note warn t12"><TriangleAlert /><span><Trans>This address is not encrypted, so nothing can be sent there.</Trans></span></p>}
    </>
  );
}

/** Another name or address. */
export function EditHook({ hook, onClose }: { hook: WebhookView; onClose(): void }) {
  const [name, setName] = useState(hook.name);
  const [url, setUrl] = useState(hook.url);
  const [failure, setFailure] = useState<unknown>(null);
  const set = useAction("webhook_set");
  const save = () => name.trim() && url.trim() && !set.isPending && set.mutate({ id: hook.id, name: name.trim(), url: url.trim(), events: hook.events, fields: [] }, { onSuccess: onClose, onError: setFailure });
  return (
    <Dialog title={t`Name and address`} width={480} onClose={onClose} onSubmit={save}
      buttons={<><button type="button" className="btn" onClick={onClose}><Trans>Cancel</Trans></button><button type="submit" className="btn pri" disabled={!name.trim() || !url.trim() || set.isPending}><Check /> <Trans>Save</Trans> <span className="kbd">Enter</span></button></>}>
      <label className="col"><span className="lab"><Trans>Name</Trans></span><span className="inp"><input aria-label={t`Name of the webhook`} value={name} onChange={(event) => setName(event.target.value)} /></span></label>
      <Address url={url} onUrl={setUrl} />
      {failure !== null && <Failure error={failure} />}
    </Dialog>
  );
}

interface SecretProps {
  title: string;
  secret: string;
  about: string;
  /** Where requests go, where that has to be told too. */
  url?: string;
  onClose(): void;
}

/** A secret, shown once. */
export function SecretShown({ title, secret, about, url, onClose }: SecretProps) {
  const toast = useToast();
  const copy = (text: string) => void host.writeText(text).then(() => toast(t`Copied`));
  return (
    <Dialog title={title} width={520} onClose={onClose} onSubmit={onClose}
      buttons={<><button type="button" className="btn" onClick={() => copy(secret)}><Copy /> <Trans>Copy the secret</Trans></button><button type="submit" className="btn pri"><Check /> <Trans>I have it</Trans> <span className="kbd">Enter</span></button></>}>
      {url && <div className="col"><span className="lab"><Trans>Address</Trans></span><output className="code mono ltr" data-text>{url}</output></div>}
      <div className="col"><span className="lab"><Trans>Secret</Trans></span><output className="code mono ltr hooksecret" data-text>{secret}</output></div>
      <p className="mut">{about}</p>
      <p className="note t12"><TriangleAlert /><span><Trans>It is shown this once. Who loses it makes another.</Trans></span></p>
    </Dialog>
  );
}

/** The webhook goes; what it got, it got. */
export function RemoveHook({ hook, onClose, onRemoved }: { hook: WebhookView; onClose(): void; onRemoved(): void }) {
  const [failure, setFailure] = useState<unknown>(null);
  const remove = useAction("webhook_remove");
  const toast = useToast();
  const { id, name } = hook;
  const start = () => !remove.isPending && remove.mutate({ id }, { onSuccess: () => { onClose(); onRemoved(); toast(t`${name} is told nothing any more`); }, onError: setFailure });
  return (
    <Dialog title={t`Remove the webhook ${name}?`} width={480} onClose={onClose} onSubmit={start}
      buttons={<><button type="button" className="btn" onClick={onClose}><Trans>Keep it</Trans></button><button type="submit" className="btn dgr" disabled={remove.isPending}><Trash2 /> <Trans>Remove the webhook</Trans></button></>}>
      <p><Trans>Its secret, what waits to be sent and the log of its deliveries are destroyed. That it got data of people is kept, for access requests and erasures. This cannot be undone.</Trans></p>
      {failure !== null && <Failure error={failure} />}
    </Dialog>
  );
}
