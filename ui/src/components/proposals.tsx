import type { MessageDescriptor } from "@lingui/core";
import { i18n } from "@lingui/core";
import { msg, t } from "@lingui/core/macro";
import { Bookmark, Eye, ListChecks, MessagesSquare, Pencil } from "lucide-react";
import { useAction } from "../api/cache";
import type { ProposalView } from "../api/generated/commands";
import { sentence } from "../api/host";
import { capital, fieldLabel } from "../text/words";
import { useToast } from "./toast";

export type Choice = "approve" | "reject" | "always";

/** What an agent may be told to go on with, in many. */
const KINDS: Record<string, MessageDescriptor> = { memory: msg`memories`, task: msg`tasks`, conversation: msg`conversations` };

/** `tasks`, `job title`: what a client need not ask for, by the word of the engine. */
export function alwaysWord(word: string): string {
  const known = Object.hasOwn(KINDS, word) ? KINDS[word] : undefined;
  return known ? i18n._(known) : fieldLabel(word.replace(/^field:/, "")).replace(/^./u, (c) => c.toLocaleLowerCase());
}

/** By this word a client is told that it need not ask for this kind again; nothing where it always has to. */
export const wordOfProposal = ({ sort, field }: ProposalView) => (sort === "access" ? null : sort === "update" ? `field:${field}` : sort);

const ICONS: Record<ProposalView["sort"], typeof Bookmark> = { memory: Bookmark, task: ListChecks, update: Pencil, conversation: MessagesSquare, access: Eye };

/** The picture of what is proposed. */
export function ProposalIcon({ sort }: { sort: ProposalView["sort"] }) {
  const Icon = ICONS[sort];
  return <Icon aria-hidden />;
}

/** Carries a decision out, and says so with the way back. */
export function useDeciding() {
  const act = useAction("proposal_decide");
  const undo = useAction("history_undo");
  const again = useAction("proposal_ask_again");
  const toast = useToast();
  const decide = (proposal: ProposalView, choice: Choice, onDone?: () => void) => {
    if (act.isPending) return;
    const [client, word] = [proposal.clientName, wordOfProposal(proposal)];
    const what = word === null ? "" : alwaysWord(word);
    const said = choice === "reject" ? t`Rejected: nothing is written` : choice === "always" ? t`Written. ${client} need not ask for this any more: ${what}` : proposal.sort === "access" ? t`${client} may see this card for now` : t`Written as ${client} proposed it`;
    const fail = { onError: (error: unknown) => toast(capital(sentence(error))) };
    act.mutate({ id: proposal.id, choice }, {
      onSuccess: ({ operation, allowed }) => {
        const unwrite = () => { if (operation) undo.mutate({ id: operation }, fail); };
        // First the permission, so that the client does not write the same again. One that was there before stays.
        const unsay = () => { if (allowed !== null) again.mutate({ client: proposal.client, word: allowed }, { ...fail, onSuccess: unwrite }); };
        // Ctrl+Z takes back what was written, and not what it may from now on.
        if (allowed !== null) toast(said, unsay, { keyless: true });
        else toast(said, operation ? unwrite : undefined);
        onDone?.();
      },
      ...fail,
    });
  };
  return { decide, isPending: act.isPending };
}
