import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { RefreshCw, Trash2, TriangleAlert, Zap } from "lucide-react";
import { useState } from "react";
import { useAction } from "../../api/cache";
import type { CheckView, RemoteView } from "../../api/generated/commands";
import { Dialog } from "../../components/dialog";
import { Failure } from "../../components/failure";
import { useToast } from "../../components/toast";
import { capital } from "../../text/words";
import { fieldsWorded } from "../../text/worded";
import { forgetCheck } from "./check";

interface Props {
  remote: RemoteView;
  onClose(): void;
}

/** What the last run asked. Who agrees lets it do exactly that. */
export function Agree({ remote, onClose, onAgreed }: Props & { onAgreed(): void }) {
  const agree = useAction("remote_agree");
  const [failure, setFailure] = useState<unknown>(null);
  const { name } = remote;
  const start = () => !agree.isPending && agree.mutate({ id: remote.id }, { onSuccess: () => { onClose(); onAgreed(); }, onError: setFailure });
  return (
    <Dialog title={t`${name} asks before it goes on`} onClose={onClose} onSubmit={start}
      buttons={<><button type="button" className="btn" onClick={onClose}><Trans>Not now</Trans></button><button type="submit" className="btn dgr" disabled={agree.isPending}><RefreshCw /> <Trans>Agree and sync</Trans></button></>}>
      <p><Trans>The last run stopped before it wrote anything of this:</Trans></p>
      <ul className="conlines">{remote.asked.map((question, at) => <li key={at} className="row g8"><TriangleAlert className="warn" /> <span>{capital(fieldsWorded(question))}</span></li>)}</ul>
      <p className="mut"><Trans>Agree when that is what you want. A run that would do more than this asks again. Contacts that go here stay in the bin for 30 days. Records that are deleted in <bdi>{name}</bdi> cannot be brought back from here.</Trans></p>
      {failure !== null && <Failure error={failure} />}
    </Dialog>
  );
}

/** Turned on against the review: only with a reason, which is kept. */
export function Reason({ remote, found, onClose }: Props & { found: CheckView }) {
  const [reason, setReason] = useState("");
  const [failure, setFailure] = useState<unknown>(null);
  const enable = useAction("remote_enable");
  const toast = useToast();
  const { id, name } = remote;
  const start = () => reason.trim() && !enable.isPending && enable.mutate({ id, on: true, reason: reason.trim() }, { onSuccess: () => { onClose(); toast(t`${name} is on`); }, onError: setFailure });
  return (
    <Dialog title={t`Turn ${name} on anyway?`} onClose={onClose} onSubmit={start}
      buttons={<><button type="button" className="btn" onClick={onClose}><Trans>Cancel</Trans></button><button type="submit" className="btn pri" disabled={!reason.trim() || enable.isPending}><Zap /> {enable.isPending ? t`Looking once more` : t`Turn on`} <span className="kbd">Enter</span></button></>}>
      <p><Trans>The review says no:</Trans></p>
      <ul className="conlines">{found.review.filter((row) => !row.met).map((row) => <li key={row.about} className="row g8"><TriangleAlert className="warn" /> <bdi>{capital(fieldsWorded(row.evidence))}</bdi></li>)}</ul>
      <label className="col"><span className="lab"><Trans>Why it is right anyway</Trans></span><span className="inp"><input aria-label={t`Why it is right anyway`} placeholder={t`Kept with the connection`} value={reason} onChange={(event) => setReason(event.target.value)} /></span></label>
      {failure !== null && <Failure error={failure} />}
    </Dialog>
  );
}

/** Another password for the same user. */
export function Password({ remote, onClose }: Props) {
  const [password, setPassword] = useState("");
  const [failure, setFailure] = useState<unknown>(null);
  const put = useAction("remote_password");
  const toast = useToast();
  const { name, user } = remote;
  const save = () => password && !put.isPending && put.mutate({ id: remote.id, password }, { onSuccess: () => { onClose(); toast(t`The password of ${name} is kept. The next run signs in with it.`); }, onError: setFailure });
  return (
    <Dialog title={t`Another password for ${name}`} width={440} onClose={onClose} onSubmit={save}
      buttons={<><button type="button" className="btn" onClick={onClose}><Trans>Cancel</Trans></button><button type="submit" className="btn pri" disabled={!password || put.isPending}><Trans>Keep it</Trans> <span className="kbd">Enter</span></button></>}>
      <label className="col"><span className="lab">{user ? t`Password of ${user}` : t`Password`}</span><span className="inp"><input type="password" autoComplete="new-password" aria-label={t`Password`} value={password} onChange={(event) => setPassword(event.target.value)} /></span></label>
      <p className="t12 mut"><Trans>It is kept encrypted in this workspace and is sent to this server only.</Trans></p>
      {failure !== null && <Failure error={failure} />}
    </Dialog>
  );
}

/** The connection goes; the contacts stay on both sides. */
export function Remove({ remote, onClose }: Props) {
  const [failure, setFailure] = useState<unknown>(null);
  const remove = useAction("remote_remove");
  const toast = useToast();
  const { id, name } = remote;
  const start = () => !remove.isPending && remove.mutate({ id }, { onSuccess: () => { onClose(); forgetCheck(id); toast(t`${name} is no longer connected`); }, onError: setFailure });
  return (
    <Dialog title={t`Remove the connection ${name}?`} width={480} onClose={onClose} onSubmit={start}
      buttons={<><button type="button" className="btn" onClick={onClose}><Trans>Keep it</Trans></button><button type="submit" className="btn dgr" disabled={remove.isPending}><Trash2 /> <Trans>Remove the connection</Trans></button></>}>
      <p><Trans>Its password, its field map, its runs and what is known of its records are destroyed. The contacts stay, here and there. This cannot be undone.</Trans></p>
      {remote.waiting > 0 && <p className="note warn"><TriangleAlert /><span><Trans>Conflicts that wait in the Inbox go too: each side stays as it is.</Trans></span></p>}
      {failure !== null && <Failure error={failure} />}
    </Dialog>
  );
}
