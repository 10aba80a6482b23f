import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { BookOpen, CircleCheck, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { useAction, useCommand } from "../../api/cache";
import type { ControllerView, ProcessingView, RecipientView } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { Failure } from "../../components/failure";
import { FileTarget, useTarget } from "../../components/file-target";
import { Print } from "../../components/paper";
import { useToast } from "../../components/toast";
import { capital, contacts, fieldLabel, n } from "../../text/words";
import { worded } from "../../text/worded";
import { CountryRule } from "./country-rule";
import { Choice, Field, Sheet } from "./parts";
import type { Page } from "./privacy";
import { ownTongue, TONGUES } from "./words";

/** The register of processing (Art. 30): made from what the workspace does; what nobody can work out is asked for. */
export function Processing({ onPage }: { onPage(page: Page): void }) {
  const register = useCommand("processing_get", {});
  const { data } = register;
  const missing = data?.missing.length ?? 0;
  return (
    <Sheet title={t`Processing register`} about={data ? (missing > 0 ? plural(missing, { one: `${n(missing)} thing is missing`, other: `${n(missing)} things are missing` }) : t`complete`) : ""} tools={<Print />}>
      <div className="scroll pvpage pvhalves">
        {register.error && <Failure error={register.error} />}
        {data && (
          <>
            <div className="colm">
              <Missing register={data} onPage={onPage} />
              <Controller key={JSON.stringify(data.controller)} kept={data.controller} />
              <Write />
            </div>
            <div className="colm">
              <Recipients recipients={data.recipients} />
              <section className="card" aria-labelledby="sources-title">
                <header><h3 id="sources-title"><Trans>Where contacts come from</Trans></h3></header>
                <dl className="pvfacts pad">{data.sources.map(([source, amount]) => <div key={source}><dt><bdi>{source || t`by hand`}</bdi></dt><dd className="num">{contacts(amount)}</dd></div>)}</dl>
              </section>
              <CountryRule />
              <SigningKey />
            </div>
          </>
        )}
      </div>
    </Sheet>
  );
}

function Missing({ register, onPage }: { register: ProcessingView; onPage(page: Page): void }) {
  return (
    <section className="card" aria-labelledby="missing-title">
      <header>{register.missing.length > 0 ? <TriangleAlert className="warn" /> : <CircleCheck className="ok" />}<h3 id="missing-title"><Trans>Missing information</Trans></h3></header>
      {register.missing.length === 0 ? <p className="pad mut"><Trans>Nothing is missing.</Trans></p> : <ul className="pvmissing pad">{register.missing.map((one, at) => <li key={at}><bdi>{capital(worded(one))}</bdi></li>)}</ul>}
      <footer className="noprint"><button type="button" className="btn sm" onClick={() => onPage("purposes")}><Trans>Purposes</Trans></button><button type="button" className="btn sm" onClick={() => onPage("retention")}><Trans>Retention</Trans></button></footer>
    </section>
  );
}

/** Who answers for the data. */
function Controller({ kept }: { kept: ControllerView }) {
  const set = useAction("controller_set");
  const toast = useToast();
  const [made, setMade] = useState(kept);
  const isSame = JSON.stringify(made) === JSON.stringify(kept);
  const line = (key: keyof ControllerView, label: string, area = false) => <Field label={label} area={area} value={made[key]} onValue={(value) => setMade({ ...made, [key]: value })} />;
  const save = () => !isSame && !set.isPending && set.mutate(made, { onSuccess: () => toast(t`Controller saved`), onError: (error) => toast(sentence(error)) });
  return (
    <form className="card" aria-label={t`Controller`} onSubmit={(event) => { event.preventDefault(); save(); }}>
      <header><h3><Trans>Controller</Trans></h3></header>
      <div className="pad col pvgap">
        {line("name", t`Name of the business`)}
        {line("address", t`Postal address`, true)}
        <div className="pvtwo">{line("email", t`Where questions of privacy go`)}{line("officer", t`Data protection officer, if there has to be one`)}</div>
        {line("authority", t`The supervisory authority`)}
        {line("security", t`How the data is protected beside what this program does`, true)}
        {line("decisions", t`What programs decide alone, and how`, true)}
      </div>
      <footer><button type="submit" className="btn pri" disabled={isSame || set.isPending}><Trans>Save</Trans></button></footer>
    </form>
  );
}

/** The register as a file: a page to print, or JSON for a name that ends so. */
function Write() {
  const write = useAction("processing_write");
  const toast = useToast();
  const [language, setLanguage] = useState(ownTongue());
  const [target, setTarget] = useTarget("processing-register.html");
  const { file } = target;
  const start = () => file && !write.isPending && write.mutate({ file, language, replace: target.asked }, { onSuccess: () => toast(t`The register is in ${file}`), onError: (error) => toast(sentence(error)) });
  return (
    <form className="card noprint" aria-label={t`Write the register`} onSubmit={(event) => { event.preventDefault(); start(); }}>
      <header><BookOpen /><h3><Trans>The register as a page</Trans></h3><span className="mut end"><Trans>or JSON, by the end of the name</Trans></span></header>
      <div className="pad col pvgap"><FileTarget target={target} onTarget={setTarget} label={t`File of the register`} /><Choice label={t`Its language`} value={language} of={TONGUES} onValue={setLanguage} /></div>
      <footer><button type="submit" className="btn" disabled={file === "" || write.isPending}><Trans>Write</Trans></button></footer>
    </form>
  );
}

/** Who gets data by itself, and what protects it there. */
function Recipients({ recipients }: { recipients: RecipientView[] }) {
  return (
    <section className="card" aria-labelledby="recipients-title">
      <header><h3 id="recipients-title"><Trans>Who gets data</Trans></h3><span className="mut"><Trans>from the field maps of connections and webhooks</Trans></span></header>
      {recipients.length === 0 ? <p className="pad mut"><Trans>No system is connected: nobody gets data by itself.</Trans></p> : <ul className="pvtrail">{recipients.map((one) => <Recipient key={one.id} one={one} />)}</ul>}
    </section>
  );
}

function Recipient({ one }: { one: RecipientView }) {
  const set = useAction("recipient_set");
  const toast = useToast();
  const [place, setPlace] = useState({ country: one.country, safeguard: one.safeguard });
  const isSame = place.country === one.country && place.safeguard === one.safeguard;
  const fields = one.fields.map(([field, purpose]) => (purpose ? `${fieldLabel(field)} (${purpose})` : fieldLabel(field))).join(", ");
  const { name, id } = one;
  const save = () => !isSame && !set.isPending && set.mutate({ id, ...place }, { onSuccess: () => toast(t`Saved ${name}`), onError: (error) => toast(sentence(error)) });
  return (
    <li>
      <form className="col pvgap" aria-label={name} onSubmit={(event) => { event.preventDefault(); save(); }}>
        <p className="row"><b className="w5 sp ell"><bdi>{name}</bdi></b><span className="bdg">{one.kind}</span></p>
        <p className="t12 mut">{fields || t`no field may leave`}</p>
        <div className="pvtwo"><Field label={t`Its country`} value={place.country} onValue={(country) => setPlace({ ...place, country })} /><Field label={t`What protects the data there, outside of Europe`} value={place.safeguard} onValue={(safeguard) => setPlace({ ...place, safeguard })} /></div>
        {!isSame && <div className="row"><button type="submit" className="btn sm" disabled={set.isPending}><Trans>Save</Trans></button></div>}
      </form>
    </li>
  );
}

/** The key that anybody checks answers and receipts with. */
function SigningKey() {
  const key = useCommand("signing_key", {});
  return (
    <section className="card" aria-labelledby="key-title">
      <header><h3 id="key-title"><Trans>The key that answers and receipts are signed with</Trans></h3></header>
      {key.data && (
        <dl className="pvfacts pad">
          <div><dt><Trans>Fingerprint, for letters</Trans></dt><dd className="mono" data-text>{key.data.fingerprint}</dd></div>
          <div><dt><Trans>Public key</Trans></dt><dd className="mono" data-text>{key.data.key}</dd></div>
        </dl>
      )}
      {key.error && <div className="pad"><Failure error={key.error} /></div>}
    </section>
  );
}
