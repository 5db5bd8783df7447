/** Looks at orders and queues again and again, and tells what is new. */
import { useEffect, useRef } from "preact/hooks";
import { isSettled, isStopped, journeyOf, type Sighting } from "./journey.ts";
import { anyone, type Faults, type Letter, local, type Order, type OrderMail, type Queues, watcher } from "./service.ts";

/** Between two looks at an order on its way; at one that has been on its way for long; at the queues. */
const LOOK_MS = 250;
const PATIENT_LOOK_MS = 2_000;
const LONG_MS = 30_000;
const ROOM_MS = 1_000;

export type Found = { order?: Order; mails: OrderMail[]; trouble?: string };

export type Room = { queues: Queues; faults: Faults; patience: Record<string, number>; letters: Record<string, Letter[]> };

/** After something was done with an order, or somebody came back to it: how long to look at it even if it seems settled. */
const CURIOUS_MS = 20_000;

/** Orders to look at, whatever their state, and until when (epoch ms). */
export type Wanted = Map<string, number>;

export function lookAgain(wanted: Wanted, orderId: string): void {
  wanted.set(orderId, Date.now() + CURIOUS_MS);
}

/** @param sightings all orders; those that are settled are left alone unless `wanted` */
export function useOrderWatch(sightings: readonly Sighting[], wanted: Wanted, onFound: (orderId: string, found: Found) => void): void {
  const latest = useRef({ sightings, onFound });
  latest.current = { sightings, onFound };
  useEffect(() => {
    const lastLook = new Map<string, number>();
    return repeat(LOOK_MS, async () => {
      const now = Date.now();
      const due = latest.current.sightings.filter((sighting) =>
        isDue(sighting, now - (lastLook.get(sighting.placed.orderId) ?? 0), wanted),
      );
      await Promise.all(
        due.map(async (sighting) => {
          const { orderId } = sighting.placed;
          lastLook.set(orderId, now);
          latest.current.onFound(orderId, await look(sighting));
        }),
      );
    });
  }, [wanted]);
}

function isDue(sighting: Sighting, sinceLook: number, wanted: Wanted): boolean {
  if (Date.now() < (wanted.get(sighting.placed.orderId) ?? 0)) return true;
  const chapters = journeyOf(sighting);
  if (sighting.order && isSettled(chapters)) return false;
  const since = Date.now() - (chapters.at(-1)?.startedAt ?? 0);
  return sinceLook >= (since > LONG_MS || isStopped(chapters) ? PATIENT_LOOK_MS : LOOK_MS);
}

async function look({ placed, order, mails }: Sighting): Promise<Found> {
  try {
    if (!order) {
      // What a guest may see: the signed link of the 202.
      const { status } = await anyone.getOrderStatus(placed.statusUrl);
      if (status === "ACCEPTED") return { mails: [] };
    }
    const [found, sent] = await Promise.all([watcher.getOrder(placed.orderId), local.mailsOf(placed.orderId)]);
    return { order: found, mails: sent };
  } catch (error) {
    return { order, mails: [...mails], trouble: (error as Error).message };
  }
}

/** Queues, dead letters and faults, once a second while the page is in sight. */
export function useRoomWatch(onFound: (room: Room | undefined) => void): void {
  const latest = useRef(onFound);
  latest.current = onFound;
  useEffect(
    () =>
      repeat(ROOM_MS, async () => {
        if (document.hidden) return;
        try {
          latest.current(await lookAround());
        } catch {
          latest.current(undefined);
        }
      }),
    [],
  );
}

/** One look at the queues, the dead letters and the faults. */
export async function lookAround(): Promise<Room> {
  const [queues, faults, patience] = await Promise.all([local.queues(), local.faults(), local.patience()]);
  const full = Object.keys(queues).filter((name) => (queues[name]?.dlqDepth ?? 0) > 0);
  const letters = await Promise.all(full.map(async (name) => [name, await local.letters(name)] as const));
  return { queues, faults, patience, letters: Object.fromEntries(letters) };
}

/** @returns what ends it */
function repeat(ms: number, work: () => Promise<void>): () => void {
  let ended = false;
  let timer = 0;
  const turn = async () => {
    await work();
    if (!ended) timer = window.setTimeout(() => void turn(), ms);
  };
  void turn();
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}
