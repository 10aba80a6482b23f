import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ArrowLeft, CalendarPlus, Check, Ellipsis, Undo2 } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useCommand } from "../../api/cache";
import type { DsarBuilt, RequestDetailView, RequestView, SubjectCard } from "../../api/generated/commands";
import { isTyping } from "../../commands";
import { Failure } from "../../components/failure";
import { Print } from "../../components/paper";
import { Popover } from "../../components/popover";
import { n } from "../../text/words";
import { worded } from "../../text/worded";
import { Answer } from "./answer";
import { Aside } from "./aside";
import { Bundle } from "./bundle";
import { Correct } from "./correct";
import type { Course } from "./course";
import { Extend, Withdraw } from "./decide";
import { EraseStep } from "./erase";
import { type Draft, draftOf, fitting, isPassed, mayOpen, meantOf, type Redraft, type Step, stepAt } from "./flow";
import { Identity } from "./identity";
import { Light } from "./parts";
import type { Page } from "./privacy";
import { Review } from "./review";
import { Subject } from "./subject";
import { cardsOf, personOf, rightWord, stepWord } from "./words";

interface Props {
  id: string;
  course: Course;
  /** What was chosen since the window is here; nothing before that. */
  draft: Draft | undefined;
  onDraft(begin: Draft, change: Redraft): void;
  onBack(): void;
  onContact(id: string): void;
  onPage(page: Page): void;
}

/** One request from the day it came to its answer. */
export function Request(props: Props) {
  const { id, draft, onBack } = props;
  const found = useCommand("request_get", { id });
  const kept = useCommand("dsar_draft_get", { id }, draft === undefined);
  const chosen = draft ?? (kept.data && draftOf(kept.data));
  const failure = found.error ?? (chosen ? null : kept.error);
  if (failure) return <main className="main"><div className="page"><Failure error={failure}><button type="button" className="btn" onClick={onBack}><Trans>Back</Trans></button></Failure></div></main>;
  if (!found.data || !chosen) return <main className="main" aria-busy="true" />;
  return <Steps {...props} draft={chosen} onDraft={(change) => props.onDraft(chosen, change)} detail={found.data} />;
}

function Steps({ course, draft, onDraft, onBack, onContact, onPage, detail }: Omit<Props, "onDraft"> & { draft: Draft; onDraft(change: Redraft): void; detail: RequestDetailView }) {
  const { request } = detail;
  const subjects = useCommand("subject_find", { text: request.subject }, request.subject !== "");
  const chosenStep = course.place.step;
  const setStep = (chosen: Step | null) => course.go({ ...course.place, step: chosen });
  const [asking, setAsking] = useState<"extend" | "withdraw" | null>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const step = chosenStep && request.stages.includes(chosenStep) && mayOpen(chosenStep, request) ? chosenStep : stepAt(request);
  // Each step begins at its name: the keyboard and whoever listens go on from there.
  useEffect(() => heading.current?.focus(), [step]);
  // What was decided leads on to what is next.
  const state = useRef(request.state);
  useEffect(() => {
    if (state.current !== request.state) setStep(null);
    state.current = request.state;
  }, [request.state]);
  const found = request.subject === "" ? [] : fitting(request.right, subjects.data?.cards ?? []);
  const cards = meantOf(request, detail.cards.flatMap((card) => (card ? [card.id] : [])), draft, found);
  const right = rightWord(request.right);
  const person = personOf(request);
  const isLooked = request.subject === "" || (subjects.data !== undefined && !subjects.isPlaceholderData && !subjects.error);
  const parts = { course, request, detail, draft, onDraft, isLooked, cards, found, onContact, onPage };
  const next = () => {
    const all = request.stages;
    const following = all[all.indexOf(step) + 1];
    if (following) setStep(following);
  };
  const mayWithdraw = request.steps.includes("withdraw");
  return (
    <main className="main" aria-label={t`Request`} onKeyDown={(event) => { if (event.key === "Escape" && !isTyping(event.target)) { event.preventDefault(); onBack(); } }}>
      <div className="head">
        <button type="button" className="btn gh sm" onClick={onBack}><ArrowLeft className="flip" /> <Trans>Requests</Trans></button>
        <h2 className="title ell"><Trans>{right}, <bdi>{person}</bdi></Trans></h2><Light request={request} />
        <span className="sp" />
        {/* A receipt has its own. */}
        {!(detail.erasure !== null && (step === "deed" || step === "answer")) && <Print />}
        {(request.canExtend || mayWithdraw) && (
          <Popover className="btn ic gh" title={t`More`} picture label={<Ellipsis />}>
            {(shut) => (
              <div className="pvmenu">
                {request.canExtend && <button type="button" onClick={() => { shut(); setAsking("extend"); }}><CalendarPlus /> <Trans>Two months more</Trans></button>}
                {mayWithdraw && <button type="button" onClick={() => { shut(); setAsking("withdraw"); }}><Undo2 /> <Trans>The person takes it back</Trans></button>}
              </div>
            )}
          </Popover>
        )}
      </div>
      <ol className="pvsteps" aria-label={t`Steps`}>
        {request.stages.map((one, at) => {
          const passed = isPassed(one, request);
          return (
            <li key={one}>
              <button type="button" className={one === step ? "on" : ""} aria-current={one === step ? "step" : undefined} disabled={!mayOpen(one, request)} onClick={() => setStep(one)}>
                <span className={`sd ${passed ? "don" : ""}`}>{passed ? <Check role="img" aria-label={t`done`} /> : at + 1}</span>
                <span className="col"><b className="w5 ell">{stepWord(one, request.right)}</b><small className="mut ell"><bdi>{aboutStep(one, request, cards.length, draft.built)}</bdi></small></span>
              </button>
            </li>
          );
        })}
      </ol>
      <div className="scroll pvpage">
        <div className="colm">
          <h3 ref={heading} tabIndex={-1} className="t16 pvstep">{stepWord(step, request.right)}</h3>
          {subjects.error && <Failure error={subjects.error}><button type="button" className="btn" onClick={() => void subjects.refetch()}><Trans>Look again</Trans></button></Failure>}
          {step === "identity" && <Identity {...parts} onNext={next} />}
          {step === "subject" && <Subject {...parts} onNext={next} />}
          {step === "review" && <Review {...parts} />}
          {step === "deed" && (request.right === "erasure" ? <EraseStep {...parts} onNext={next} /> : request.right === "rectification" ? <Correct {...parts} onNext={next} /> : <Bundle {...parts} onNext={next} />)}
          {step === "answer" && <Answer {...parts} />}
        </div>
        <Aside detail={detail} />
      </div>
      {asking === "extend" && <Extend request={request} onClose={() => setAsking(null)} />}
      {asking === "withdraw" && <Withdraw request={request} onClose={() => setAsking(null)} />}
    </main>
  );
}

/** What is known of a step, below its name. */
function aboutStep(step: Step, request: RequestView, cards: number, built: DsarBuilt | null): string {
  if (step === "identity") return request.identityHow ? worded(request.identityHow) : "";
  if (step === "subject") return request.subject === "" ? "" : cardsOf(cards);
  if (step === "review") return request.decidedBy === "" ? "" : request.state === "refused" ? t`Refused` : t`Approved`;
  if (step !== "deed" || request.outcome === "") return "";
  if (request.right === "erasure") return t`Erased`;
  return built ? plural(built.files, { one: `${n(built.files)} file`, other: `${n(built.files)} files` }) : t`Built and signed`;
}

/** What every step of a request gets. */
export interface StepProps {
  course: Course;
  request: RequestView;
  detail: RequestDetailView;
  draft: Draft;
  onDraft(change: Redraft): void;
  /** Whether it is known which cards there are: before that nothing is decided, built or erased. */
  isLooked: boolean;
  /** Ids of the cards that are meant. */
  cards: string[];
  /** Cards that the request's own words find. */
  found: SubjectCard[];
  onContact(id: string): void;
  onPage(page: Page): void;
}
