import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { useAction } from "../../api/cache";
import type { RemoteView } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { useToast } from "../../components/toast";
import { n } from "../../text/words";

const EVERY = [0, 5, 15, 60];

/** `every 15 minutes` */
export const everyWords = (minutes: number) => (minutes === 0 ? t`by hand` : minutes === 60 ? t`every hour` : plural(minutes, { one: `every ${n(minutes)} minute`, other: `every ${n(minutes)} minutes` }));

/** When runs begin by themselves, and what they leave in the records. Kept as it is set. */
export function Schedule({ remote }: { remote: RemoteView }) {
  const { id, everyMinutes, onChange, stamps } = remote;
  const set = useAction("remote_set");
  const toast = useToast();
  const put = (change: Partial<Pick<RemoteView, "everyMinutes" | "onChange" | "stamps">>) => set.mutate({ id, fields: [], everyMinutes, onChange, stamps, ...change }, { onError: (error) => toast(sentence(error)) });
  const choices = EVERY.includes(everyMinutes) ? EVERY : [...EVERY, everyMinutes].sort((one, other) => one - other);
  return (
    <section className="card" aria-labelledby="schedule-title">
      <header><h3 id="schedule-title"><Trans>When it runs</Trans></h3><span className="t12 mut ell"><Trans>once it is turned on, and while Cardfile is open</Trans></span></header>
      <div className="conset">
        <label className="conline"><span className="sp"><Trans>A run begins</Trans></span>
          <select className="fsel" value={everyMinutes} onChange={(event) => put({ everyMinutes: Number(event.target.value) })}>{choices.map((minutes) => <option key={minutes} value={minutes}>{everyWords(minutes)}</option>)}</select>
        </label>
        <Switch on={onChange} onSwitch={(on) => put({ onChange: on })} title={t`After changes here`} about={t`A run also follows when contacts change on this computer.`} />
        <Switch on={stamps} onSwitch={(on) => put({ stamps: on })} title={t`Write stamps`} about={t`Each record there holds a small mark of how many of our writes it has seen. After a lost line it is the only exact answer to whether a write arrived. Other programs pass it over.`} />
      </div>
    </section>
  );
}

function Switch({ on, onSwitch, title, about }: { on: boolean; onSwitch(on: boolean): void; title: string; about: ReactNode }) {
  return (
    <label className="conline conswitch">
      <span className="sp">{title}<br /><span className="t12 mut">{about}</span></span>
      <input type="checkbox" className="visually-hidden" checked={on} onChange={(event) => onSwitch(event.target.checked)} />
      <span className={`sw ${on ? "on" : ""}`} aria-hidden />
    </label>
  );
}
