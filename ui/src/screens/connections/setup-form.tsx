import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { TriangleAlert } from "lucide-react";
import { useState } from "react";
import type { FilledField, FormFieldView, SetupView } from "../../api/generated/commands";
import { named } from "../../text/worded";
import { isOpen } from "./flow";

/** What was typed, by field; what was not is as it was. */
export type Typed = Record<string, string>;

/** The fields to be sent: those that were typed, and those that have a value. */
export const filledFields = (form: FormFieldView[], typed: Typed): FilledField[] => form.map(({ name, value }) => ({ name, value: typed[name] ?? value })).filter(({ value }) => value !== "");

/** Whether everything is filled in that has to be. */
export const isFilled = (form: FormFieldView[], typed: Typed) => form.every(({ name, value, required }) => !required || (typed[name] ?? value).trim() !== "");

interface Props {
  setup: SetupView;
  typed: Typed;
  /** A secret that is kept already need not be typed again. */
  kept?: boolean;
  isBusy: boolean;
  onType(typed: Typed): void;
}

/** The form of a manifest, as it asks for it. */
export function SetupForm({ setup, typed, kept = false, isBusy, onType }: Props) {
  const [isMore, setMore] = useState(false);
  const more = setup.form.filter(({ advanced }) => advanced);
  const shown = setup.form.filter(({ advanced }) => !advanced || isMore);
  const value = (field: FormFieldView) => typed[field.name] ?? field.value;
  return (
    <>
      {shown.map((field) => <Field key={field.name} field={field} value={value(field)} kept={kept} isBusy={isBusy} onValue={(text) => onType({ ...typed, [field.name]: text })} />)}
      {setup.form.some((field) => field.kind === "url" && isOpen(value(field))) && <p className="note warn t12"><TriangleAlert /><span><Trans>This address is not encrypted: a password sent there can be read on the way.</Trans></span></p>}
      {more.length > 0 && <button type="button" className="linkb t12" aria-expanded={isMore} onClick={() => setMore(!isMore)}>{isMore ? t`Less to fill in` : t`More to fill in`}</button>}
    </>
  );
}

interface FieldProps {
  field: FormFieldView;
  value: string;
  kept: boolean;
  isBusy: boolean;
  onValue(value: string): void;
}

function Field({ field, value, kept, isBusy, onValue }: FieldProps) {
  const label = named(field.label);
  const about = [field.help && named(field.help), field.assumed && t`The vendor does not document it.`].filter(Boolean).join(" ");
  if (field.kind === "toggle")
    return (
      <label className="conline conswitch">
        <span className="sp">{label}<br /><span className="t12 mut">{about}</span></span>
        <input type="checkbox" className="visually-hidden" checked={value === "yes"} disabled={isBusy} onChange={(event) => onValue(event.target.checked ? "yes" : "no")} />
        <span className={`sw ${value === "yes" ? "on" : ""}`} aria-hidden />
      </label>
    );
  const isSecret = field.kind === "secret";
  return (
    <label className="col"><span className="lab">{label}</span>
      {field.kind === "choice"
        ? <select className="fsel" aria-label={label} value={value} disabled={isBusy} onChange={(event) => onValue(event.target.value)}>{field.choices.map((choice) => <option key={choice}>{choice}</option>)}</select>
        : <span className="inp"><input type={isSecret ? "password" : "text"} inputMode={field.kind === "number" ? "numeric" : undefined} autoComplete={isSecret ? "new-password" : "off"} spellCheck={false} aria-label={label} placeholder={isSecret && kept ? t`as it is` : ""} readOnly={isBusy} value={value} onChange={(event) => onValue(event.target.value)} /></span>}
      {about && <span className="t12 mut">{about}</span>}
    </label>
  );
}
