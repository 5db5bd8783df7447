/** @jsxImportSource preact */
import { useEffect, useRef, useState } from "preact/hooks";
import { plural } from "./format.ts";
import { Mark } from "./icons.tsx";
import { type Chapter, journeyOf, type Opens, type Sighting } from "./journey.ts";
import { EmptyJourney, JourneyView } from "./journey-view.tsx";
import { MachineRoom } from "./machine-room.tsx";
import { OrderForm } from "./order-form.tsx";
import { OrderList } from "./order-list.tsx";
import { loadPlaced, type PlacedOrder, savePlaced } from "./placed.ts";
import { guest, local } from "./service.ts";
import { Viewer } from "./viewer.tsx";
import { type Found, lookAgain, lookAround, type Room, useOrderWatch, useRoomWatch, type Wanted } from "./watch.ts";

type Watched = { placed: PlacedOrder; found: Found /** What the reader opened; else the latest document shows. */; opened?: Opens };

const sightingOf = ({ placed, found: { order, mails } }: Watched, room: Room | undefined): Sighting => ({
  placed,
  order,
  mails,
  letters: room?.letters ?? {},
});

/** The whole page: form and list, the journey, the viewer, the machine room. */
export function App() {
  const [orders, showOrders] = useState<Watched[]>(() => loadPlaced().map((placed) => ({ placed, found: { mails: [] } })));
  /** The newest state: two looks may come back before the page is drawn again. */
  const newest = useRef(orders);
  const setOrders = (next: Watched[]) => {
    newest.current = next;
    showOrders(next);
  };
  const [selectedId, setSelectedId] = useState(orders[0]?.placed.orderId);
  const [room, setRoom] = useState<Room>();
  const [news, setNews] = useState("");
  const wanted = useRef<Wanted>(new Map()).current;
  const sightings = orders.map((each) => sightingOf(each, room));
  const selected = orders.find(({ placed }) => placed.orderId === selectedId);
  const sighting = selected && sightingOf(selected, room);

  useEffect(() => savePlaced(orders.map(({ placed }) => placed)), [orders]);
  useRoomWatch(setRoom);
  useOrderWatch(sightings, wanted, (orderId, found) => {
    const watched = newest.current.find(({ placed }) => placed.orderId === orderId);
    if (!watched) return;
    const { next, fresh } = withFound(watched, found);
    setOrders(newest.current.map((each) => (each === watched ? next : each)));
    if (fresh.length > 0 && orderId === selectedId) setNews(fresh.join(". "));
  });
  useEffect(() => {
    const back = () => {
      if (selectedId) lookAgain(wanted, selectedId);
    };
    window.addEventListener("focus", back);
    return () => window.removeEventListener("focus", back);
  }, [selectedId, wanted]);

  const select = (orderId: string) => {
    setSelectedId(orderId);
    lookAgain(wanted, orderId);
    requestAnimationFrame(showJourney);
  };
  /** @returns what was done, in words. */
  const redrive = async (queue: string, messageIds?: readonly string[]) => {
    try {
      const { moved } = await local.redrive(queue, messageIds);
      if (moved === 0) throw new Error(`${queue} has no such dead letter any more.`);
      return `${plural(moved, "dead letter")} sent to ${queue} again.`;
    } finally {
      await refreshRoom();
      if (selectedId) lookAgain(wanted, selectedId);
    }
  };
  const refreshRoom = async () => setRoom(await lookAround().catch(() => undefined));

  const open = selected && (selected.opened ?? latestDocument(sighting));
  return (
    <>
      <Header />
      <main class="grid">
        <div class="side">
          <OrderForm
            onPlaced={(placed) => {
              setOrders([{ placed, found: { mails: [] } }, ...newest.current]);
              setNews("Order accepted");
              select(placed.orderId);
            }}
          />
          <OrderList sightings={sightings} selected={selectedId} onSelect={select} />
        </div>
        {selected && sighting ? (
          <JourneyView
            key={selected.placed.orderId}
            sighting={sighting}
            trouble={selected.found.trouble}
            open={open}
            onOpen={(opened) => setOrders(newest.current.map((each) => (each.placed.orderId === selectedId ? { ...each, opened } : each)))}
            onChanged={() => lookAgain(wanted, selected.placed.orderId)}
            onRedrive={redrive}
          />
        ) : (
          <EmptyJourney />
        )}
        <Viewer sighting={sighting} opens={open} />
        <MachineRoom room={room} onRedrive={redrive} onChanged={refreshRoom} />
      </main>
      <p class="visually-hidden" aria-live="polite" data-testid="news">
        {news}
      </p>
    </>
  );
}

/** Brings the journey before whoever asked for it: focus for the keyboard and screen readers, and on a phone into sight. */
function showJourney(): void {
  const title = document.getElementById("journey-title");
  if (!title) return;
  title.focus({ preventScroll: true });
  const { top, bottom } = title.getBoundingClientRect();
  if (top >= 0 && bottom <= window.innerHeight) return;
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  title.closest("section")?.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
}

function Header() {
  const [health, setHealth] = useState<string>();
  useEffect(() => {
    guest.getHealth().then(
      ({ stage, version }) => setHealth(`${stage} ${version}`),
      () => setHealth(undefined),
    );
  }, []);
  return (
    <header class="top">
      <p class="brand">
        <Mark />
        <span>
          <strong>BBWS</strong> order service
        </span>
      </p>
      <h1 class="visually-hidden">The journey of an order</h1>
      <nav aria-label="Elsewhere on this stack">
        <a href="/docs">API reference</a>
        <a href="/inbox">Inbox</a>
        <a href="/health">Health</a>
        {health && <span class="version">{health}</span>}
      </nav>
    </header>
  );
}

/** The order with what was found, and in words what of its journey is new. */
function withFound(watched: Watched, found: Found): { next: Watched; fresh: string[] } {
  const before = doneSteps(journeyOf(sightingOf(watched, undefined)));
  // A new chapter hands the viewer back to the newest document.
  const moved = watched.found.order && found.order && watched.found.order.status !== found.order.status;
  const next: Watched = { ...watched, found, ...(moved && { opened: undefined }) };
  const after = doneSteps(journeyOf(sightingOf(next, undefined)));
  const fresh = [...after].filter(([key]) => !before.has(key));
  if (fresh.length === 0) return { next, fresh: [] };
  const now = Date.now();
  const seen = { ...Object.fromEntries(fresh.map(([key]) => [key, now])), ...watched.placed.seen };
  return { next: { ...next, placed: { ...watched.placed, seen } }, fresh: fresh.map(([, text]) => text) };
}

const doneSteps = (chapters: readonly Chapter[]) =>
  new Map(
    chapters.flatMap(({ steps }) =>
      steps
        .filter(({ state }) => state === "done")
        .map(({ key, label, detail }) => [key, [label, detail].filter(Boolean).join(": ")] as const),
    ),
  );

function latestDocument(sighting: Sighting | undefined): Opens | undefined {
  const latest = sighting?.order?.documents.at(-1);
  return latest && { kind: "document", documentType: latest.type };
}
