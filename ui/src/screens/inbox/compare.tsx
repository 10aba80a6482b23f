import { Trans } from "@lingui/react/macro";
import { useCommand } from "../../api/cache";
import { sentence } from "../../api/host";
import { Merge } from "./merge";

interface Props {
  /** Two cards that a person chose. */
  ids: [string, string];
  onBack(): void;
  onDecided(text: string, operation: string | null): void;
  onContact(id: string): void;
}

/** Two cards of the list side by side, whether or not anything says that they are one person. */
export function Compare({ ids: [one, other], onBack, onDecided, onContact }: Props) {
  const plan = useCommand("combine_preview", { survivor: one, other, take: [], seen: null });
  if (plan.error) return <main className="main"><div className="empty"><p className="bad" role="alert">{sentence(plan.error)}</p><button type="button" className="btn" onClick={onBack}><Trans>Back to the list</Trans></button></div></main>;
  if (!plan.data) return <main className="main"><div className="empty" aria-busy="true"><p className="mut"><Trans>Reading</Trans></p></div></main>;
  const { survivor, other: second, score, reasons } = plan.data;
  return <Merge pair={{ one: survivor, other: second, score: score ?? 0, likely: false, reasons }} onBack={onBack} onDecided={onDecided} onContact={onContact} />;
}
