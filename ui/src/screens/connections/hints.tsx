import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { KeyRound } from "lucide-react";
import { useState } from "react";
import { useAction, useCommand } from "../../api/cache";
import type { HintView } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { Failure } from "../../components/failure";
import { Mark } from "../../components/mark";
import { useToast } from "../../components/toast";
import { SecretShown } from "./hook-dialogs";

/** Which connections may say that something changed there. */
export function Hints() {
  const hints = useCommand("hint_list", {});
  const remotes = hints.data?.remotes ?? [];
  return (
    <main className="main" aria-label={t`Hints`}>
      <div className="head conhead"><h2 className="title ell"><Trans>Hints</Trans></h2></div>
      <div className="scroll conbody">
        <p className="conflow"><Trans>A system that can reach this computer may knock when something changed there, and the next run begins at once. Nothing of what it says is taken: everything is read from the system itself, as always.</Trans></p>
        <section className="card" aria-labelledby="hints-title">
          <header><h3 id="hints-title"><Trans>Who may knock</Trans></h3><span className="t12 mut ell"><Trans>on this computer alone, signed, while Cardfile is open</Trans></span></header>
          {hints.error && <div className="pad"><Failure error={hints.error} /></div>}
          {hints.data && remotes.length === 0 ? <p className="pad mut"><Trans>No system is connected.</Trans></p> : <ul className="conset">{remotes.map((remote) => <Remote key={remote.id} remote={remote} />)}</ul>}
        </section>
      </div>
    </main>
  );
}

function Remote({ remote }: { remote: HintView }) {
  const set = useAction("hint_set");
  const toast = useToast();
  const [shown, setShown] = useState<{ url: string; secret: string } | null>(null);
  const { id, name, on, url } = remote;
  const turn = (wanted: boolean) => set.mutate({ id, on: wanted, port: null }, { onSuccess: (made) => wanted && setShown(made), onError: (error) => toast(sentence(error)) });
  return (
    <li className="conline">
      <Mark name={name} />
      <label className="row g12 sp conswitch">
        <span className="sp"><bdi>{name}</bdi><br /><span className="t12 mut mono ltr ell" data-text>{on ? url : t`not heard`}</span></span>
        <input type="checkbox" className="visually-hidden" aria-label={t`Hear hints of ${name}`} checked={on} disabled={set.isPending} onChange={(event) => turn(event.target.checked)} />
        <span className={`sw ${on ? "on" : ""}`} aria-hidden />
      </label>
      {on && <button type="button" className="btn sm" disabled={set.isPending} onClick={() => turn(true)}><KeyRound /> <Trans>Another secret</Trans></button>}
      {shown && <SecretShown title={t`Hints of ${name}`} url={shown.url} secret={shown.secret} about={t`Requests are signed as Standard Webhooks are: HMAC-SHA256 over id, time and body.`} onClose={() => setShown(null)} />}
    </li>
  );
}
