import { i18n } from "@lingui/core";
import { msg, plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { BookOpen, ClipboardList, FileClock, Handshake, Lock, ScrollText, Siren, Trash2, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { useCommand } from "../../api/cache";
import { n } from "../../text/words";
import { Audit } from "./audit";
import { Breach } from "./breach";
import type { Course } from "./course";
import { Erasures } from "./erasures";
import { NewRequest } from "./new-request";
import { Processing } from "./processing";
import { Purposes } from "./purposes";
import { Request } from "./request";
import { Requests } from "./requests";
import { Restrictions } from "./restrictions";
import { Retention } from "./retention";
import "./privacy.css";

const PAGES = [
  { id: "requests", label: msg`Requests`, icon: ClipboardList },
  { id: "purposes", label: msg`Purposes and consent`, icon: Handshake },
  { id: "restrictions", label: msg`Restrictions and holds`, icon: Lock },
  { id: "erasures", label: msg`Erasures`, icon: Trash2 },
  { id: "retention", label: msg`Retention`, icon: FileClock },
  { id: "processing", label: msg`Processing register`, icon: BookOpen },
  { id: "audit", label: msg`Audit and proof`, icon: ScrollText },
  { id: "breach", label: msg`Breach`, icon: Siren },
] as const;

export type Page = (typeof PAGES)[number]["id"];

interface Props {
  /** Where somebody is, and what runs: kept by the frame. */
  course: Course;
  /** The dialog that writes down a request is open. */
  adding: boolean;
  onAdding(adding: boolean): void;
  onContact(id: string): void;
}

/** What people demand of their data, what they agreed to, and the proof of what was done. */
export function Privacy({ course, adding, onAdding, onContact }: Props) {
  const { place, go, drafts, choose } = course;
  const { page: at, request: open } = place;
  const setOpen = (request: string | null) => go({ ...place, request, step: null });
  /** The one that was open before: its row is where the keyboard goes on. */
  const [last, setLast] = useState<string | null>(null);
  const requests = useCommand("request_list", {});
  const { green = 0, amber = 0, red = 0 } = requests.data ?? {};
  const waiting = green + amber + red;
  const late = red > 0 ? plural(red, { one: `${n(red)} answer is late`, other: `${n(red)} answers are late` }) : "";
  const show = (page: Page) => go({ page, request: null, step: null });
  return (
    <div className="split">
      <nav className="pvnav" aria-label={t`Privacy`}>
        <div className="head"><h1><Trans>Privacy</Trans></h1></div>
        <div className="nav">
          {PAGES.map(({ id, label, icon: Icon }) => (
            <button key={id} type="button" className={at === id ? "on" : ""} aria-current={at === id ? "page" : undefined} onClick={() => show(id)}>
              <Icon /> <span className="ell">{i18n._(label)}</span>
              {id === "requests" && waiting > 0 && <span className={`n ${late ? "warn" : ""}`} title={late || undefined}>{late && <TriangleAlert role="img" aria-label={late} />}{n(waiting)}</span>}
            </button>
          ))}
        </div>
        <p className="mut t12"><Trans>Letters and files are not sent from here. Connections are told about erasures.</Trans></p>
      </nav>
      {at === "requests" && (open
        ? <Request key={open} id={open} course={course} draft={drafts[open]} onDraft={(begin, change) => choose(open, begin, change)} onBack={() => { setLast(open); setOpen(null); }} onContact={onContact} onPage={show} />
        : <Requests found={requests.data} failure={requests.error} last={last} onOpen={setOpen} onAdd={() => onAdding(true)} />)}
      {at === "purposes" && <Purposes typed={course.purposes} onContact={onContact} />}
      {at === "restrictions" && <Restrictions onContact={onContact} />}
      {at === "erasures" && <Erasures />}
      {at === "retention" && <Retention typed={course.rules} onContact={onContact} />}
      {at === "processing" && <Processing onPage={show} />}
      {at === "audit" && <Audit />}
      {at === "breach" && <Breach onContact={onContact} />}
      {adding && <NewRequest onClose={() => onAdding(false)} onAdded={(id) => { onAdding(false); go({ page: "requests", request: id, step: null }); }} />}
    </div>
  );
}
