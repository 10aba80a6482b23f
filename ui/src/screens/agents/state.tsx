import { Trans } from "@lingui/react/macro";
import { Ban, Check, Pause, TimerOff } from "lucide-react";
import type { AgentView } from "../../api/generated/commands";

/** How a client is. */
export function State({ client: { state }, isStopped }: { client: AgentView; isStopped: boolean }) {
  if (state === "revoked") return <span className="bdg"><Ban /> <Trans>Revoked</Trans></span>;
  if (state === "expired") return <span className="bdg warn"><TimerOff /> <Trans>Expired</Trans></span>;
  if (state === "paused") return <span className="bdg"><Pause /> <Trans>Paused</Trans></span>;
  return isStopped ? <span className="bdg warn"><Ban /> <Trans>Stopped</Trans></span> : <span className="bdg ok"><Check /> <Trans context="client">On</Trans></span>;
}
