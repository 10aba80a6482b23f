import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useCommand } from "../../api/cache";
import { sentence } from "../../api/host";
import { RuleForm, Rules } from "../../components/permission-rules";
import type { Undoing } from "../../components/tool";

/** What agents may look up for a card: sentences, the JSON that is sent, and a rule of its own. */
export function Access({ contact, undoing }: { contact: string; undoing: Undoing }) {
  const grants = useCommand("grant_list", { id: contact });
  return (
    <>
      {grants.error && <p className="bad pad" role="alert">{sentence(grants.error)}</p>}
      <RuleForm contact={contact} undoing={undoing} />
      <Rules rules={grants.data?.rules ?? []} undoing={undoing} />
      {grants.data?.rules.length === 0 && <p className="pad mut"><Trans>Agents may look up nothing for this contact beyond what is public. Give it an access tier, or a rule of its own.</Trans></p>}
      {grants.data?.metadata.map(({ platform, json }) => (
        <details key={platform} className="sect"><summary className="mut"><Trans>Query metadata sent to {platform}</Trans></summary><pre className="firstlines mono" tabIndex={0} role="region" aria-label={t`Query metadata for ${platform}`}>{JSON.stringify(json, null, 2)}</pre></details>
      ))}
    </>
  );
}
