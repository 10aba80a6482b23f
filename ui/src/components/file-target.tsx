import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState } from "react";
import { host, useCommand } from "../api/cache";

/** Where a file is to be written, and whether a dialog asked about one that is there. */
export interface Target {
  file: string;
  asked: boolean;
}

/** A file of this name where files were written last, until somebody says another. */
export function useTarget(name: string): [Target, (target: Target) => void] {
  const columns = useCommand("export_columns", {});
  const [chosen, setChosen] = useState<Target | null>(null);
  return [chosen ?? { file: columns.data ? `${columns.data.folder}/${name}` : "", asked: false }, setChosen];
}

/** The path of a file: typed, or chosen in the desktop's own dialog. */
export function FileTarget({ target, onTarget, label = t`File` }: { target: Target; onTarget(target: Target): void; label?: string }) {
  const choose = async () => {
    const file = await host.chooseTarget(target.file);
    if (file) onTarget({ file, asked: true });
  };
  return (
    <span className="row g6 sp">
      <span className="inp sp"><input className="mono" spellCheck={false} aria-label={label} value={target.file} onChange={(event) => onTarget({ file: event.target.value, asked: false })} /></span>
      <button type="button" className="btn" onClick={() => void choose()}><Trans>Choose</Trans></button>
    </span>
  );
}
