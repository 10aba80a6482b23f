import { plural, t } from "@lingui/core/macro";
import { Hand } from "lucide-react";
import { useRef, useState } from "react";
import { useAction, useCommand } from "../../api/cache";
import type { LaneCard } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { Avatar } from "../../components/avatar";
import { useToast } from "../../components/toast";
import type { Undoing } from "../../components/tool";
import { ago, contacts, isLately, n, stageLabel } from "../../text/words";

interface Props {
  undoing: Undoing;
  onContact(id: string): void;
  /** Shows the contacts of a stage. */
  onList(filter: string): void;
}

/** The lifecycle: a lane for each stage. One tab stop; arrows go, Shift and arrows move a card. */
export function Board({ undoing, onContact, onList }: Props) {
  const board = useCommand("board_get", {});
  const bulk = useAction("bulk_run");
  const toast = useToast();
  const [at, setAt] = useState<[number, number]>([0, 0]);
  const [dragged, setDragged] = useState<string | null>(null);
  const [over, setOver] = useState<number | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const lanes = board.data?.lanes ?? [];
  const move = (card: LaneCard, to: number) => {
    const lane = lanes[to];
    if (!lane || lane.cards.includes(card)) return;
    const [name, where] = [card.name, stageLabel(lane.stage)];
    bulk.mutate({ ids: [card.id], view: null, deed: { kind: "set", field: "stage", value: lane.stage } }, {
      onSuccess: ({ operation }) => toast(lane.stage ? t`${name} is in ${where}, set by hand` : t`${name} has no stage; rules may give one`, undoing(operation)),
      onError: (error) => toast(sentence(error)),
    });
  };
  const focus = (lane: number, row: number) => {
    const cards = lanes[lane]?.cards ?? [];
    const place: [number, number] = [lane, Math.max(0, Math.min(row, cards.length - 1))];
    setAt(place);
    box.current?.querySelector<HTMLElement>(`[data-at="${place.join()}"]`)?.focus();
  };
  /** The next lane that has cards. */
  const beside = (lane: number, by: number): number | null => {
    for (let next = lane + by; next >= 0 && next < lanes.length; next += by) if ((lanes[next]?.cards.length ?? 0) > 0) return next;
    return null;
  };
  const onKey = (event: React.KeyboardEvent, card: LaneCard, lane: number, row: number) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const turned = document.documentElement.dir === "rtl" ? -1 : 1;
    const side = event.key === "ArrowRight" ? turned : event.key === "ArrowLeft" ? -turned : 0;
    if (side !== 0 && event.shiftKey) move(card, lane + side);
    else if (side !== 0) { const next = beside(lane, side); if (next !== null) focus(next, row); }
    else if (event.key === "ArrowDown") focus(lane, row + 1);
    else if (event.key === "ArrowUp") focus(lane, row - 1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const laneAt = (x: number, y: number) => {
    const found = document.elementFromPoint(x, y)?.closest("[data-lane]")?.getAttribute("data-lane");
    return found ? Number(found) : null;
  };
  const drag = (event: React.PointerEvent<HTMLButtonElement>, card: LaneCard) => {
    const handle = event.currentTarget;
    const [x, y] = [event.clientX, event.clientY];
    let moving = false;
    handle.onpointermove = (moved) => {
      if (!moving && Math.hypot(moved.clientX - x, moved.clientY - y) < 6) return;
      if (!moving) handle.setPointerCapture(event.pointerId);
      moving = true;
      setDragged(card.id);
      setOver(laneAt(moved.clientX, moved.clientY));
    };
    const end = (ended: PointerEvent) => {
      handle.onpointermove = handle.onpointerup = handle.onpointercancel = null;
      const to = moving && ended.type === "pointerup" ? laneAt(ended.clientX, ended.clientY) : null;
      setDragged(null);
      setOver(null);
      if (to !== null) move(card, to);
    };
    handle.onpointerup = handle.onpointercancel = end;
  };
  if (board.error) return <p className="bad" role="alert">{sentence(board.error)}</p>;
  return (
    <div className="board" ref={box} aria-label={t`Stages`} role="group" aria-busy={!board.data}>
      {lanes.map((lane, place) => (
        <section key={lane.stage} className={`lane ${over === place ? "over" : ""}`} data-lane={place} aria-label={lane.stage ? stageLabel(lane.stage) : t`No stage`}>
          <div className="row"><b className="w6 ell">{lane.stage ? stageLabel(lane.stage) : t`No stage`}</b><span className="sp" />
            <button type="button" className="linkb num" disabled={lane.count === 0} aria-label={showing(contacts(lane.count), lane.stage)} onClick={() => onList(lane.filter)}>{n(lane.count)}</button></div>
          <ul>
            {lane.cards.map((card, row) => (
              <li key={card.id}>
                <button type="button" className={`lcard ${dragged === card.id ? "dragged" : ""}`} data-at={`${place},${row}`} tabIndex={isCurrent(lanes, at, place, row) ? 0 : -1}
                  aria-keyshortcuts="Shift+ArrowRight Shift+ArrowLeft" onFocus={() => setAt([place, row])} onKeyDown={(event) => onKey(event, card, place, row)} onPointerDown={(event) => drag(event, card)} onClick={() => dragged === null && onContact(card.id)}>
                  <Avatar name={card.name} organization={card.organization} size="s24" />
                  <span className="sp" style={{ minWidth: 0 }}><b className="w5 ell"><bdi>{card.name}</bdi></b><small className="ell">{[card.company, card.chats > 0 && plural(card.chats, { one: `${n(card.chats)} chat`, other: `${n(card.chats)} chats` }), card.since && isDays(card.since) && staying(card.since)].filter(Boolean).join(", ")}</small></span>
                  {card.byHand && <Hand role="img" aria-label={t`set by hand`} />}
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

function showing(amount: string, stage: string): string {
  const where = stageLabel(stage);
  return stage ? t`Show ${amount} in ${where}` : t`Show ${amount} in no stage`;
}

/** `for 3 d`, `since 12 Mar` */
const staying = (since: string) => isLately(since) ? t`for ${{ time: ago(since) }}` : t`since ${{ day: ago(since) }}`;

/** Less than a day in a stage says nothing. */
const isDays = (since: string) => Date.now() - new Date(since).getTime() >= 86_400_000;

/** The card that Tab goes to: the one that had the focus, or the first there is. */
function isCurrent(lanes: { cards: LaneCard[] }[], [lane, row]: [number, number], place: number, at: number): boolean {
  if (lanes[lane]?.cards[row]) return lane === place && row === at;
  return place === lanes.findIndex(({ cards }) => cards.length > 0) && at === 0;
}
