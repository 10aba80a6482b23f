import type { MessageDescriptor } from "@lingui/core";
import { i18n } from "@lingui/core";
import { msg, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Ban, Check, Hand, Lock, MegaphoneOff, Minus, Plus, X } from "lucide-react";
import { useState } from "react";
import { useAction, useCommand } from "../api/cache";
import type { RestrictionView, StandsView } from "../api/generated/commands";
import { sentence } from "../api/host";
import { capital, day, moment } from "../text/words";
import { worded } from "../text/worded";
import { Dialog } from "./dialog";
import { Failure } from "./failure";
import { useToast } from "./toast";
import "./person-privacy.css";

const CHANNELS: [string, MessageDescriptor][] = [
  ["email", msg({ message: "by email", context: "said" })], ["phone", msg({ message: "by phone", context: "said" })], ["paper", msg({ message: "on paper", context: "said" })], ["person", msg({ message: "in person", context: "said" })],
];
const SORTS: [RestrictionView["sort"], MessageDescriptor][] = [["restricted", msg`Keep it, do not use it`], ["objected", msg`Do not use it for a purpose`], ["held", msg`Do not delete it`]];

/** What is in force has its picture everywhere. */
export const RESTRICTION_ICONS: Record<RestrictionView["sort"], typeof Lock> = { restricted: Lock, objected: MegaphoneOff, held: Hand };
const PUT: Record<RestrictionView["sort"], MessageDescriptor> = { restricted: msg`The card is restricted`, objected: msg`The objection is written down`, held: msg`The card is on hold` };

/** What somebody agreed to, what may not be done with their card, and all they ever said of it. */
export function PersonPrivacy({ contact }: { contact: string }) {
  const privacy = useCommand("privacy_card", { id: contact });
  if (privacy.error) return <div className="pad"><Failure error={privacy.error} /></div>;
  if (!privacy.data) return <div aria-busy="true" className="pad" />;
  const { purposes, ledger, restrictions } = privacy.data;
  const nameOf = (key: string) => purposes.find(({ purpose }) => purpose === key)?.name ?? key;
  return (
    <div className="pvperson">
      <Purposes contact={contact} purposes={purposes} />
      <Restrictions contact={contact} restrictions={restrictions} purposes={purposes} nameOf={nameOf} />
      <section className="sect" aria-label={t`What was said`}>
        <h3 className="h2"><Trans>What was said</Trans></h3>
        {ledger.length === 0 ? <p className="mut"><Trans>Nothing was said of any purpose.</Trans></p> : (
          <ol className="pvsaid">
            {ledger.map(({ id, at, purpose, given, wording, channel, proof, author, sha256 }) => {
              const version = String(wording);
              return (
                <li key={id}>
                  {given ? <Check className="ok" /> : <X className="bad" />}
                  <div className="sp">
                    <p><b className="w5">{given ? t`Yes` : t`No`}</b>, <bdi>{nameOf(purpose)}</bdi> <span className="mut">{wording > 0 ? t`to version ${version} of the text` : t`nobody knows to which text`}</span></p>
                    <p className="t12 mut"><bdi>{[channelOf(channel), proof, author].filter(Boolean).join(", ")}</bdi></p>
                    {sha256 && <p className="t12 fnt mono ell" data-text title={sha256}>{sha256}</p>}
                  </div>
                  <time className="t12 mut nw" dateTime={at}><bdi>{moment(new Date(at))}</bdi></time>
                </li>
              );
            })}
          </ol>
        )}
      </section>
    </div>
  );
}

function channelOf(channel: string): string {
  const known = CHANNELS.find(([key]) => key === channel)?.[1];
  return known ? i18n._(known) : channel;
}

/** Every purpose with a yes and a no, which are equally far away. */
function Purposes({ contact, purposes }: { contact: string; purposes: StandsView[] }) {
  const put = useAction("consent_put");
  const toast = useToast();
  const [channel, setChannel] = useState("email");
  const [proof, setProof] = useState("");
  const say = ({ purpose, name }: StandsView, given: boolean) =>
    put.mutate({ contact, purpose, given, wording: null, channel, proof, at: "" }, {
      onSuccess: ({ count }) => { setProof(""); toast(count === 0 ? t`That was written down already` : given ? t`Written down: yes to ${name}` : t`Written down: no to ${name}`); },
      onError: (error) => toast(sentence(error)),
    });
  return (
    <section className="sect" aria-label={t`Purposes`}>
      <h3 className="h2"><Trans>Purposes</Trans></h3>
      {purposes.length === 0 ? <p className="mut"><Trans>There is no purpose yet. Purposes are made under Privacy.</Trans></p> : (
        <>
          <div className="row pvwrap">
            <label className="row g6"><span className="mut"><Trans>Said</Trans></span>
              <select className="fsel pvfit" aria-label={t`How it was said`} value={channel} onChange={(event) => setChannel(event.target.value)}>{CHANNELS.map(([key, label]) => <option key={key} value={key}>{i18n._(label)}</option>)}</select></label>
            <span className="inp sp"><input aria-label={t`What shows it`} placeholder={t`What shows it: a message, where the form lies`} value={proof} onChange={(event) => setProof(event.target.value)} /></span>
          </div>
          <ul className="pvpurposes">
            {purposes.map((one) => {
              const { purpose, name, given, at, mayUse, whyNot } = one;
              const since = at ? day(new Date(at)) : "";
              return (
                <li key={purpose}>
                  {mayUse ? <Check className="ok" role="img" aria-label={t`may be used`} /> : <Minus className="mut" role="img" aria-label={t`may not be used`} />}
                  <div className="sp">
                    <p className="w5 ell"><bdi>{name}</bdi></p>
                    <p className="t12 mut">{[given === null ? t`Nothing was said` : given ? t`Yes since ${since}` : t`No since ${since}`, whyNot && capital(worded(whyNot))].filter(Boolean).join(". ")}</p>
                  </div>
                  <span className="seg sm" role="group" aria-label={name}>
                    <button type="button" className={given === true ? "on" : ""} aria-pressed={given === true} aria-label={t`Yes to ${name}`} disabled={put.isPending} onClick={() => say(one, true)}><Trans>Yes</Trans></button>
                    <button type="button" className={given === false ? "on" : ""} aria-pressed={given === false} aria-label={t`No to ${name}`} disabled={put.isPending} onClick={() => say(one, false)}><Trans>No</Trans></button>
                  </span>
                </li>
              );
            })}
          </ul>
        </>
      )}
    </section>
  );
}

interface RestrictionsProps {
  contact: string;
  restrictions: RestrictionView[];
  purposes: StandsView[];
  nameOf(purpose: string): string;
}

/** What may not be done with the card, and the way to say so. */
function Restrictions({ contact, restrictions, purposes, nameOf }: RestrictionsProps) {
  const put = useAction("restriction_put");
  const toast = useToast();
  const [sort, setSort] = useState<RestrictionView["sort"]>("restricted");
  const [purpose, setPurpose] = useState("");
  const [reason, setReason] = useState("");
  const [lifting, setLifting] = useState<RestrictionView | null>(null);
  const start = () => reason.trim() && !put.isPending && put.mutate({ contacts: [contact], sort, purpose: sort === "objected" ? purpose : "", reason }, {
    onSuccess: ({ count }) => { setReason(""); toast(count > 0 ? i18n._(PUT[sort]) : t`The card was so already`); },
    onError: (error) => toast(sentence(error)),
  });
  return (
    <section className="sect" aria-label={t`Restrictions and holds`}>
      <h3 className="h2"><Trans>Restrictions and holds</Trans></h3>
      <ul className="pvsaid">
        {restrictions.map((one) => {
          const { liftedBecause } = one;
          const Icon = RESTRICTION_ICONS[one.sort];
          const lifted = one.liftedAt ? day(new Date(one.liftedAt)) : "";
          return (
            <li key={one.id}>
              {one.liftedAt ? <Minus className="mut" /> : <Icon className="warn" />}
              <div className="sp">
                <p className={one.liftedAt ? "mut" : "w5"}>{capital(worded(one.says))}{one.purpose && <>: <bdi>{nameOf(one.purpose)}</bdi></>}</p>
                <p className="t12 mut"><bdi>{[one.reason, one.author, day(new Date(one.at))].filter(Boolean).join(", ")}</bdi></p>
                {lifted && <p className="t12 mut"><Trans>Lifted on {lifted}: <bdi>{liftedBecause}</bdi></Trans></p>}
              </div>
              {!one.liftedAt && <button type="button" className="btn sm" aria-label={t`Lift: ${{ what: capital(worded(one.says)) }}`} onClick={() => setLifting(one)}><Trans>Lift</Trans></button>}
            </li>
          );
        })}
      </ul>
      <form className="row pvwrap" onSubmit={(event) => { event.preventDefault(); start(); }}>
        <select className="fsel pvfit" aria-label={t`What may not be done`} value={sort} onChange={(event) => setSort(event.target.value as RestrictionView["sort"])}>{SORTS.map(([key, label]) => <option key={key} value={key}>{i18n._(label)}</option>)}</select>
        {sort === "objected" && (
          <select className="fsel pvfit" aria-label={t`For which purpose`} value={purpose} onChange={(event) => setPurpose(event.target.value)}>
            <option value="">{t`Every purpose that can be objected to`}</option>
            {purposes.map((one) => <option key={one.purpose} value={one.purpose}>{one.name}</option>)}
          </select>
        )}
        <span className="inp sp"><input aria-label={t`Reason`} placeholder={t`Why`} value={reason} onChange={(event) => setReason(event.target.value)} /></span>
        <button type="submit" className="btn sm" disabled={!reason.trim() || put.isPending}><Plus /> <Trans>Add</Trans></button>
      </form>
      {lifting && <Lift restriction={lifting} onClose={() => setLifting(null)} />}
    </section>
  );
}

/** A restriction or a hold ends: only with a reason, which is kept. */
export function Lift({ restriction, onClose }: { restriction: RestrictionView; onClose(): void }) {
  const lift = useAction("restriction_lift");
  const toast = useToast();
  const [because, setBecause] = useState("");
  const isHold = restriction.sort === "held";
  const [failure, setFailure] = useState<unknown>(null);
  const start = () => because.trim() && !lift.isPending && lift.mutate({ id: restriction.id, because }, { onSuccess: () => { onClose(); toast(isHold ? t`The hold is lifted` : t`The restriction is lifted`); }, onError: setFailure });
  return (
    <Dialog title={isHold ? t`Lift this hold?` : t`Lift this restriction?`} width={460} onClose={onClose} onSubmit={start}
      buttons={<><button type="button" className="btn" onClick={onClose}><Trans>Keep it</Trans></button><button type="submit" className="btn pri" disabled={!because.trim() || lift.isPending}><Ban /> <Trans>Lift it</Trans> <span className="kbd">Enter</span></button></>}>
      <p>{capital(worded(restriction.says))}: <bdi>{restriction.reason}</bdi></p>
      {restriction.sort === "restricted" && <p className="mut"><Trans>Whoever asked for it has to be told before it ends (Art. 18(3)). There is a letter for it with the request.</Trans></p>}
      <label className="col"><span className="lab"><Trans>Why it is lifted</Trans></span><span className="inp"><input aria-label={t`Why it is lifted`} value={because} onChange={(event) => setBecause(event.target.value)} /></span></label>
      {failure !== null && <Failure error={failure} />}
    </Dialog>
  );
}
