import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Archive, ArchiveRestore, Plus } from "lucide-react";
import { useState } from "react";
import { useAction } from "../../api/cache";
import type { PurposeParts, PurposeView } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { Failure } from "../../components/failure";
import { useToast } from "../../components/toast";
import { day } from "../../text/words";
import { Choice, Field } from "./parts";
import { basisWord, ownTongue, TONGUES } from "./words";

interface Props {
  begin: PurposeParts;
  /** As it is kept, if it is. */
  kept: PurposeView | undefined;
  /** Why the law lets a purpose be, each with its article. */
  bases: [string, string][];
  /** What was typed and not saved. */
  draft: PurposeParts | undefined;
  onDraft(draft: PurposeParts | null): void;
  onKept(id: string): void;
  onCancel(): void;
}

const partsOf = ({ id, key, name, basis, marketing, description, ground, subjects, data, keptFor }: PurposeParts): PurposeParts => ({ id, key, name, basis, marketing, description, ground, subjects, data, keptFor });

/** One purpose: what is said of it, and the texts people are asked with. */
export function Purpose({ begin, kept, bases, draft, onDraft, onKept, onCancel }: Props) {
  const put = useAction("purpose_put");
  const retire = useAction("purpose_retire");
  const toast = useToast();
  const purpose = draft ?? partsOf(begin);
  const [failure, setFailure] = useState<unknown>(null);
  const isKept = (parts: PurposeParts) => kept !== undefined && JSON.stringify(partsOf(kept)) === JSON.stringify(parts);
  const change = (part: Partial<PurposeParts>) => onDraft(isKept({ ...purpose, ...part }) ? null : { ...purpose, ...part });
  const isSame = isKept(purpose);
  const { name } = purpose;
  const save = () => {
    if (put.isPending || isSame) return;
    setFailure(null);
    put.mutate(purpose, { onSuccess: ({ id }) => { onKept(id); toast(t`Saved ${name}`); }, onError: setFailure });
  };
  const giveUp = (retired: boolean) => retire.mutate({ id: purpose.id, retired }, { onSuccess: () => toast(retired ? t`${name} is retired: nobody is used for it` : t`${name} is restored`), onError: (error) => toast(sentence(error)) });
  return (
    <>
      <form className="card" aria-label={t`Purpose`} onSubmit={(event) => { event.preventDefault(); save(); }}>
        <header><h3>{kept ? <bdi>{kept.name}</bdi> : t`New purpose`}</h3><span className="sp" />
          {kept && <button type="button" className="btn sm" disabled={retire.isPending} onClick={() => giveUp(!kept.retired)}>{kept.retired ? <ArchiveRestore /> : <Archive />} {kept.retired ? t({ message: "Restore", context: "purpose" }) : t`Retire`}</button>}</header>
        <div className="pad col pvgap">
          <div className="pvtwo">
            <Field label={t`What people call it`} value={name} onValue={(text) => change({ name: text })} />
            {kept ? <div className="col pvfield"><span className="lab"><Trans>Its word in filters and files</Trans></span><span className="mono" data-text>{purpose.key}</span></div> : <Field label={t`Its word in filters and files`} hint="newsletter" value={purpose.key} onValue={(key) => change({ key })} />}
            <Choice label={t`Legal basis`} value={purpose.basis} of={bases.map(([key, article]): [PurposeParts["basis"], string] => [key as PurposeParts["basis"], `${basisWord(key)} (${article})`])} onValue={(basis) => change({ basis })} />
            <label className="row pvcheck"><input type="checkbox" checked={purpose.marketing} onChange={(event) => change({ marketing: event.target.checked })} /> <Trans>It is direct marketing</Trans></label>
          </div>
          <Field label={t`What is done`} area value={purpose.description} onValue={(description) => change({ description })} />
          {purpose.basis !== "consent" && <Field label={t`The law, the contract or the interest it rests on`} value={purpose.ground} onValue={(ground) => change({ ground })} />}
          <div className="pvtwo">
            <Field label={t`Whose data`} hint={t`customers, people who asked`} value={purpose.subjects} onValue={(subjects) => change({ subjects })} />
            <Field label={t`Which data`} hint={t`name, email, messages`} value={purpose.data} onValue={(data) => change({ data })} />
            <Field label={t`How long it is kept`} value={purpose.keptFor} onValue={(keptFor) => change({ keptFor })} />
          </div>
          {failure !== null && <Failure error={failure} />}
        </div>
        <footer><button type="submit" className="btn pri" disabled={isSame || put.isPending}><Trans>Save</Trans></button>{!kept && <button type="button" className="btn" onClick={onCancel}><Trans>Cancel</Trans></button>}</footer>
      </form>
      {kept && <Wordings kept={kept} />}
    </>
  );
}

/** The texts people are asked with. None is ever changed: another text is another version. */
function Wordings({ kept }: { kept: PurposeView }) {
  const add = useAction("wording_add");
  const toast = useToast();
  const [text, setText] = useState("");
  const [language, setLanguage] = useState(ownTongue());
  const start = () => text.trim() && !add.isPending && add.mutate({ purpose: kept.id, language, text }, { onSuccess: ({ version }) => { setText(""); toast(t`Version ${{ version: String(version) }} is used from now on`); }, onError: (error) => toast(sentence(error)) });
  return (
    <section className="card" aria-labelledby="wordings-title">
      <header><h3 id="wordings-title"><Trans>What people are asked</Trans></h3><span className="mut end"><Trans>word for word, never changed</Trans></span></header>
      <ol className="pvtrail">
        {kept.wordings.map((one) => {
          const version = String(one.version);
          return (
            <li key={version}>
              <p className="row"><b className="w5"><Trans>Version {version}</Trans></b><span className="bdg">{one.language}</span><span className="sp" /><time className="t12 mut" dateTime={one.at}><bdi>{day(new Date(one.at))}</bdi></time></p>
              <p className="pvtext" data-text lang={one.language}>{one.text}</p>
              <p className="t12 fnt mono ell" data-text title={one.sha256}>{one.sha256}</p>
            </li>
          );
        })}
      </ol>
      <form className="pad col pvgap" onSubmit={(event) => { event.preventDefault(); start(); }}>
        <Field label={t`Another text from now on`} area value={text} onValue={setText} />
        <div className="row"><Choice label={t`Its language`} value={language} of={TONGUES} onValue={setLanguage} /><span className="sp" /><button type="submit" className="btn" disabled={!text.trim() || add.isPending}><Plus /> <Trans>Add the text</Trans></button></div>
      </form>
    </section>
  );
}
