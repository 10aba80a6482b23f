import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Check, FolderOpen, Plus, SlidersHorizontal } from "lucide-react";
import { type ReactNode, useState } from "react";
import { host, useCommand } from "../api/cache";
import type { Switch } from "../api/generated/commands";
import { sentence } from "../api/host";
import { Popover } from "./popover";
import { useSwitch } from "./use-switch";

interface Props {
  label: ReactNode;
  className?: string;
  onSettings?(): void;
}

/** The workspaces of this computer: go to another, make one, open a folder. */
export function Workspaces({ label, className, onSettings }: Props) {
  return (
    <Popover label={label} title={t`Workspaces`} {...(className && { className })}>
      {(close) => <Menu close={close} {...(onSettings && { onSettings })} />}
    </Popover>
  );
}

function Menu({ close, onSettings }: { close(): void; onSettings?(): void }) {
  const list = useCommand("workspace_list", {});
  const change = useSwitch();
  const [name, setName] = useState("");
  const go = (to: Switch) => change.go(to, close);
  const folder = async () => {
    const dir = await host.chooseFolder();
    if (dir) go({ to: "folder", dir });
  };
  return (
    <div className="wsmenu">
      {list.data?.workspaces.map((one) => (
        <button key={one.dir} type="button" className="pi" aria-current={one.isCurrent || undefined} title={one.dir}
          onClick={() => (one.isCurrent ? close() : go({ to: "folder", dir: one.dir }))}>
          <span className="mk" style={{ "--h": hue(one.name) } as React.CSSProperties} aria-hidden>{[...one.name][0]?.toUpperCase()}</span>
          <bdi className="ell sp">{one.name}</bdi>
          {one.isCurrent && <Check />}
        </button>
      ))}
      <form className="row g6" onSubmit={(event) => { event.preventDefault(); if (name.trim()) go({ to: "new", name }); }}>
        <span className="inp sp"><input value={name} onChange={(event) => { setName(event.target.value); change.reset(); }} placeholder={t`New workspace`} aria-label={t`Name of a new workspace`} /></span>
        <button type="submit" className="btn" disabled={!name.trim() || change.isPending}><Plus /> <Trans>Make</Trans></button>
      </form>
      {change.error && <p className="bad t12" role="alert">{sentence(change.error)}</p>}
      <button type="button" className="pi" onClick={() => void folder()}><FolderOpen /> <Trans>Open another folder</Trans></button>
      {onSettings && <button type="button" className="pi" onClick={() => { close(); onSettings(); }}><SlidersHorizontal /> <Trans>Settings of this workspace</Trans></button>}
    </div>
  );
}

const hue = (name: string) => [...name].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 360, 264);
