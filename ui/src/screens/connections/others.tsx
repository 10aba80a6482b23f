import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { BellRing, FolderInput, type LucideIcon, Plus, Webhook } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useCommand } from "../../api/cache";
import type { WebhookView } from "../../api/generated/commands";
import { Mark } from "../../components/mark";
import { ago, isLately, n } from "../../text/words";
import { DropFolder } from "./drop";
import { Hints } from "./hints";
import { Hook } from "./hook";
import { AddHook } from "./hook-dialogs";
import { HookState } from "./hook-state";

/** What is looked at beside the connections. */
export type Other = { what: "webhook"; id: string } | { what: "drop" } | { what: "hints" };

/** `out of Cardfile, signed, 2 events` */
function flow({ events }: WebhookView): string {
  const amount = events.length;
  return plural(amount, { one: `Out of Cardfile, signed, ${n(amount)} event`, other: `Out of Cardfile, signed, ${n(amount)} events` });
}

/** When something was last taken, and how much waits or was given up. */
function last({ heardAt, waiting, dead }: WebhookView): string {
  const time = ago(heardAt);
  const said = !heardAt ? t`Nothing was taken yet` : isLately(heardAt) ? t`Last taken ${time} ago` : t`Last taken on ${{ day: time }}`;
  if (dead > 0) return `${said}. ${plural(dead, { one: `${n(dead)} given up`, other: `${n(dead)} given up` })}`;
  return waiting > 0 ? `${said}. ${plural(waiting, { one: `${n(waiting)} waits to be sent`, other: `${n(waiting)} wait to be sent` })}` : said;
}

interface Props {
  other: Other | null;
  onOther(other: Other | null): void;
}

/** Rows of the list for everything that is no connection: webhooks, the drop folder, hints. */
export function OtherRows({ other, onOther }: Props) {
  const hooks = useCommand("webhook_list", {});
  const drop = useCommand("drop_get", {});
  const hints = useCommand("hint_list", {});
  const [adding, setAdding] = useState(false);
  const heard = hints.data?.remotes.filter(({ on }) => on).length ?? 0;
  const folder = drop.data?.folder;
  const isOn = (what: Other["what"], id = "") => other?.what === what && (what !== "webhook" || (other.what === "webhook" && other.id === id));
  return (
    <>
      <li className="consub row g8"><h2 className="t12 mut sp"><Trans>Told of changes</Trans></h2>
        <button type="button" className="btn sm gh" onClick={() => setAdding(true)}><Plus /> <Trans>Webhook</Trans></button></li>
      {hooks.data?.webhooks.map((hook) => (
        <Row key={hook.id} id={hook.id} on={isOn("webhook", hook.id)} mark={<Mark name={hook.name} size="s32" />} title={hook.name} state={<HookState state={hook.state} />} icon={Webhook} flow={flow(hook)} last={last(hook)}
          onChoose={() => onOther({ what: "webhook", id: hook.id })} />
      ))}
      {hooks.data?.webhooks.length === 0 && <li className="t12 fnt conhint"><Trans>No other program is told of anything.</Trans></li>}
      <li className="consub row g8"><h2 className="t12 mut sp"><Trans>Told by others</Trans></h2></li>
      <Row id="drop" on={isOn("drop")} mark={<Mark name={t`Drop folder`} size="s32" />} title={t`Drop folder`} state={<HookState state={folder ? "on" : "off"} />} icon={FolderInput} flow={t`Into Cardfile, from files`} last={folder ?? t`No folder is watched`} onChoose={() => onOther({ what: "drop" })} />
      <Row id="hints" on={isOn("hints")} mark={<Mark name={t`Hints`} size="s32" />} title={t`Hints`} state={<HookState state={heard > 0 ? "on" : "off"} />} icon={BellRing} flow={t`They only begin a run`} last={plural(heard, { one: `${n(heard)} connection may give some`, other: `${n(heard)} connections may give some` })} onChoose={() => onOther({ what: "hints" })} />
      {adding && <li><AddHook onClose={() => setAdding(false)} onAdded={(id) => { setAdding(false); onOther({ what: "webhook", id }); }} /></li>}
    </>
  );
}

interface RowProps {
  id: string;
  on: boolean;
  mark: ReactNode;
  title: string;
  state: ReactNode;
  icon: LucideIcon;
  flow: string;
  last: string;
  onChoose(): void;
}

function Row({ id, on, mark, title, state, icon: Icon, flow, last, onChoose }: RowProps) {
  return (
    <li>
      <button type="button" id={`con-${id}`} className={`conrow ${on ? "on" : ""}`} aria-current={on || undefined} onClick={onChoose}>
        {mark}
        <span className="sp conwords">
          <span className="row"><b className="w6 ell sp"><bdi>{title}</bdi></b>{state}</span>
          <span className="row g6 mut t12"><Icon /><span className="ell">{flow}</span></span>
          <span className="t12 fnt num ell"><bdi>{last}</bdi></span>
        </span>
      </button>
    </li>
  );
}

/** The one that is looked at. */
export function OtherPlace({ other, onOther }: { other: Other; onOther(other: Other | null): void }) {
  const hooks = useCommand("webhook_list", {}, other.what === "webhook");
  if (other.what === "drop") return <DropFolder />;
  if (other.what === "hints") return <Hints />;
  const hook = hooks.data?.webhooks.find(({ id }) => id === other.id);
  if (!hook || !hooks.data) return <main className="main" />;
  return <Hook key={hook.id} hook={hook} events={hooks.data.events} recipes={hooks.data.recipes} onRemoved={() => onOther(null)} />;
}
