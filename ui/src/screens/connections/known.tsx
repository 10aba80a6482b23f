import { Trans } from "@lingui/react/macro";
import type { SetupView } from "../../api/generated/commands";
import { named, worded } from "../../text/worded";

/** What is to be known of a vendor: whom is talked to, what it cannot do, what is only taken to be so. */
export function Known({ setup }: { setup: SetupView }) {
  return (
    <div className="conknown t12">
      {setup.hosts.length > 0 && <p><Trans>Talks to</Trans> <span className="mono ltr">{setup.hosts.join(", ")}</span> <Trans>and to nobody else.</Trans></p>}
      {setup.cannot.length > 0 && <><p className="w5"><Trans>What the vendor cannot do</Trans></p><ul>{setup.cannot.map((what) => <li key={what.template}>{worded(what)}</li>)}</ul></>}
      {setup.assumed.length > 0 && <><p className="w5"><Trans>Taken to be so, because the vendor does not document it</Trans></p><ul>{setup.assumed.map((what) => <li key={what}>{named(what)}</li>)}</ul></>}
    </div>
  );
}
