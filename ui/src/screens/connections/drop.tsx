import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Check, FolderInput, Minus, RefreshCw, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { host, useAction, useCommand } from "../../api/cache";
import type { DroppedFile } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { useToast } from "../../components/toast";
import { capital, n } from "../../text/words";
import { worded } from "../../text/worded";
import { HookState } from "./hook-state";

/** A folder of which every contact file is imported. */
export function DropFolder() {
  const drop = useCommand("drop_get", {});
  const set = useAction("drop_set");
  const take = useAction("drop_take");
  const toast = useToast();
  const [taken, setTaken] = useState<DroppedFile[] | null>(null);
  const fail = (error: unknown) => toast(sentence(error));
  const folder = drop.data?.folder ?? null;
  const policy = drop.data?.policy ?? "fill";
  const choose = async () => {
    const chosen = await host.chooseFolder();
    if (chosen) set.mutate({ folder: chosen, policy }, { onSuccess: () => toast(t`Files that are put there are imported from now on`), onError: fail });
  };
  return (
    <main className="main" aria-label={t`Drop folder`}>
      <div className="head conhead">
        <h2 className="title ell"><Trans>Drop folder</Trans></h2><HookState state={folder ? "on" : "off"} />{folder && <span className="t12 fnt ell conplace ltr" title={folder}>{folder}</span>}
        <span className="sp" />
        {folder && <button type="button" className="btn gh" disabled={set.isPending} onClick={() => set.mutate({ folder: null, policy }, { onError: fail })}><Minus /> <span className="word"><Trans>Watch it no more</Trans></span></button>}
        <button type="button" className={`btn ${folder ? "" : "pri"}`} disabled={set.isPending} onClick={() => void choose()}><FolderInput /> <span className="word">{folder ? t`Another folder` : t`Choose a folder`}</span></button>
        {folder && <button type="button" className="btn pri" disabled={take.isPending} onClick={() => take.mutate({}, { onSuccess: ({ files }) => setTaken(files), onError: fail })}><RefreshCw /> <span className="word"><Trans>Import now</Trans></span></button>}
      </div>
      <div className="scroll conbody">
        <p className="conflow"><Trans>Every CSV, JSON or vCard file that is put into this folder is imported while Cardfile is open: leads of a form, a mailbox rule or a shared folder, without a server.</Trans></p>
        <section className="card" aria-labelledby="drop-title">
          <header><h3 id="drop-title"><Trans>What becomes of a file</Trans></h3></header>
          <div className="conset">
            <label className="conline"><span className="sp"><Trans>Contacts that are here already</Trans><br /><span className="t12 mut"><Trans>Each file is one step of the History, and can be undone.</Trans></span></span>
              <select className="fsel" aria-label={t`Contacts that are here already`} value={policy} disabled={!folder || set.isPending} onChange={(event) => set.mutate({ folder, policy: event.target.value === "newest" ? "newest" : "fill" }, { onError: fail })}>
                <option value="fill">{t`Only blanks are filled`}</option><option value="newest">{t`The file wins`}</option>
              </select></label>
            <p className="conline t12 mut"><Trans>A record that may be of somebody who is here, by a phone or a name at a platform, waits in the Inbox until you say whose it is.</Trans></p>
            <p className="conline t12 mut"><Trans>An imported file moves to the folder “imported” below it. One that cannot be read moves to “failed”, with the reason; records that were not taken lie there too, and can be mended and put back. Nothing is deleted.</Trans></p>
          </div>
        </section>
        {taken && <Taken files={taken} />}
      </div>
    </main>
  );
}

function Taken({ files }: { files: DroppedFile[] }) {
  return (
    <section className="card" aria-labelledby="taken-title" role="status">
      <header><h3 id="taken-title"><Trans>Just imported</Trans></h3></header>
      {files.length === 0 ? <p className="pad mut"><Trans>There was nothing to import.</Trans></p> : (
        <ul className="conset">{files.map(({ file, counts, held, message }) => (
          <li key={file} className="conline">{counts ? <Check className="ok" /> : <TriangleAlert className="bad" />}<b className="w5 ell"><bdi>{file}</bdi></b>
            <span className="sp mut">{counts ? outcome(counts, held) : message && capital(worded(message))}</span></li>
        ))}</ul>
      )}
    </section>
  );
}

function outcome({ created, updated, rejected }: NonNullable<DroppedFile["counts"]>, held: number): string {
  const [made, changed] = [n(created), n(updated)];
  const written = plural(rejected, { one: `${made} created, ${changed} updated, ${n(rejected)} not taken`, other: `${made} created, ${changed} updated, ${n(rejected)} not taken` });
  if (held === 0) return written;
  const waits = plural(held, { one: `${n(held)} waits in the Inbox`, other: `${n(held)} wait in the Inbox` });
  return t`${written}, ${waits}`;
}
