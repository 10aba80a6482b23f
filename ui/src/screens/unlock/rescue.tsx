import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ArchiveRestore, LifeBuoy } from "lucide-react";
import { useState } from "react";
import { useCommand } from "../../api/cache";
import { Restore, Salvage } from "../../components/restore";
import { contacts, moment } from "../../text/words";

/** The ways out of a damaged workspace: its newest whole backup, and what can still be read. */
export function Rescue({ onRestored }: { onRestored(): void }) {
  const backups = useCommand("backup_list", {});
  const [asked, setAsked] = useState<"restore" | "salvage" | null>(null);
  const newest = backups.data?.newest;
  const when = newest ? moment(new Date(newest.at)) : "";
  const people = newest ? contacts(newest.contacts) : "";
  return (
    <div className="rescue">
      <p>{newest ? t`The newest whole backup is of ${{ when }}, with ${{ people }}.` : backups.data ? t`There is no whole backup of it on this computer.` : t`Looking for backups`}</p>
      <div className="row g8">
        {newest && <button type="button" className="btn pri" onClick={() => setAsked("restore")}><ArchiveRestore /> <Trans>Bring the backup back</Trans></button>}
        <button type="button" className="btn" onClick={() => setAsked("salvage")}><LifeBuoy /> <Trans>Save what can be read</Trans></button>
      </div>
      {asked === "restore" && newest && <Restore backup={newest} isBroken onClose={() => setAsked(null)} onRestored={onRestored} />}
      {asked === "salvage" && <Salvage onClose={() => setAsked(null)} />}
    </div>
  );
}
