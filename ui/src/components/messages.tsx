import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Bot, MessageSquare, Search, User } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useQueries } from "@tanstack/react-query";
import { host, useAction, useCommand } from "../api/cache";
import type { ConversationView, MessageView } from "../api/generated/commands";
import { moment, n, partsOf, time } from "../text/words";
import "./parts.css";

/** Messages read at a time. */
const BLOCK = 100;

/** The messages of one conversation. Looked at by a person, they are marked as read. */
export function Messages({ name, conversation, looked = true }: { name: string; conversation: ConversationView; looked?: boolean }) {
  const read = useAction("conversation_read");
  const [text, setText] = useState("");
  const [hit, setHit] = useState(0);
  const found = useCommand("conversation_search", { id: conversation.id, text }, text.trim() !== "");
  const places = text.trim() ? (found.data?.places ?? []) : [];
  const box = useRef<HTMLDivElement>(null);
  const [shown, setShown] = useState({ from: Math.max(0, conversation.messages - BLOCK), to: conversation.messages });
  const blocks: number[] = [];
  for (let from = Math.floor(shown.from / BLOCK) * BLOCK; from < shown.to; from += BLOCK) blocks.push(from);
  const pages = useQueries({
    queries: blocks.map((from) => ({
      queryKey: ["conversation_messages", { id: conversation.id, from }],
      queryFn: () => host.call("conversation_messages", { id: conversation.id, from, to: from + BLOCK }),
    })),
  });
  const { mutate } = read;
  useEffect(() => {
    if (looked && conversation.unread) mutate({ id: conversation.id });
  }, [conversation.id, conversation.unread, looked, mutate]);

  /** The place that is to be brought into view, once its block is there. */
  const [target, setTarget] = useState<number | null>(null);
  const go = (to: number) => {
    const place = places[to];
    if (place === undefined) return;
    setHit(to);
    setTarget(place);
    const from = Math.floor(place / BLOCK) * BLOCK;
    if (place < shown.from || place >= shown.to) setShown({ from, to: Math.min(conversation.messages, from + BLOCK) });
  };
  const loaded = pages.every((page) => page.data !== undefined);
  useEffect(() => {
    if (target !== null && loaded) box.current?.querySelector(`[data-place="${target}"]`)?.scrollIntoView({ block: "center" });
  }, [target, loaded]);

  const { platform, pageUrl } = conversation;
  const [place, total] = [n(hit + 1), n(places.length)];
  return (
    <>
      <div className="row g8 transbar">
        <span className="inp sp"><Search /><input aria-label={t`Search in this conversation`} placeholder={t`In this conversation`} value={text}
          onChange={(event) => { setText(event.target.value); setHit(0); setTarget(null); }}
          onKeyDown={(event) => { if (event.key === "Enter") { event.preventDefault(); go(target === null ? hit : event.shiftKey ? Math.max(0, hit - 1) : Math.min(places.length - 1, hit + 1)); } }} /></span>
        {text.trim() && <span className="mut nw num" role="status">{places.length ? t`${place} of ${total}` : t`not found`}</span>}
      </div>
      <div className="transbox" ref={box} tabIndex={0} role="log" aria-label={t`Messages`}>
        <p className="transday mut t12">{conversation.firstAt && <bdi>{moment(new Date(conversation.firstAt))}</bdi>}, {pageUrl ? t`${platform} on ${pageUrl}` : platform}, {partsOf("message", conversation.messages)}</p>
        {shown.from > 0 && <button type="button" className="btn sm" onClick={() => setShown({ ...shown, from: Math.max(0, shown.from - BLOCK) })}><Trans>Earlier messages</Trans></button>}
        {pages.map((page, at) => page.data?.messages.map((message, within) => {
          const place = (blocks[at] ?? 0) + within;
          return <Message key={message.id} name={name} message={message} place={place} current={places[hit] === place} found={places.includes(place)} />;
        }))}
        {shown.to < conversation.messages && <button type="button" className="btn sm" onClick={() => setShown({ ...shown, to: Math.min(conversation.messages, shown.to + BLOCK) })}><Trans>Later messages</Trans></button>}
      </div>
    </>
  );
}

function Message({ name, message, place, current, found }: { name: string; message: MessageView; place: number; current: boolean; found: boolean }) {
  const Icon = message.role === "agent" ? Bot : message.role === "staff" ? User : MessageSquare;
  return (
    <div className={`tmsg ${found ? "hit" : ""} ${current ? "cur" : ""}`} data-place={place}>
      <span className={`mk ${message.role}`} aria-hidden><Icon /></span>
      <div className="sp">
        <p className="row g8"><b className="w5"><bdi>{message.author || (message.role === "contact" ? name : message.role === "agent" ? t`Agent` : t`Team`)}</bdi></b>{message.role === "agent" && <span className="bdg"><Trans>Agent</Trans></span>}<time className="mut t12" dateTime={message.at}>{time(message.at)}</time></p>
        <p className="ptext" data-text dir="auto">{message.text}</p>
      </div>
    </div>
  );
}
