/** @jsxImportSource preact */
import type { PDFDocumentProxy } from "pdfjs-dist";
import { useEffect, useRef, useState } from "preact/hooks";
import { CrossIcon, DownIcon, OutIcon } from "./icons.tsx";

type Props = { title: string; fileName: string; load(): Promise<Uint8Array<ArrayBuffer>>; onClose?(): void };

/** A PDF, drawn here: phones have no viewer inside a page. Its text is there for screen readers. */
export function PdfView({ title, fileName, load, onClose }: Props) {
  const [pdf, setPdf] = useState<PDFDocumentProxy>();
  const [address, setAddress] = useState<string>();
  const [problem, setProblem] = useState<string>();

  // Once: every document has a view of its own, by its key.
  useEffect(() => {
    const undo: (() => void)[] = [];
    let gone = false;
    const open = async () => {
      const bytes = await load();
      if (gone) return;
      const blobUrl = URL.createObjectURL(new Blob([bytes], { type: "application/pdf" }));
      undo.push(() => URL.revokeObjectURL(blobUrl));
      setAddress(blobUrl);
      const { getDocument, GlobalWorkerOptions } = await import("pdfjs-dist");
      GlobalWorkerOptions.workerSrc = "/page/pdf.worker.mjs";
      // pdf.js takes the bytes over: it gets a copy.
      const task = getDocument({ data: bytes.slice() });
      undo.push(() => void task.destroy());
      setPdf(await task.promise);
    };
    open().catch((error: unknown) => {
      if (!gone) setProblem((error as Error).message);
    });
    return () => {
      gone = true;
      for (const each of undo) each();
    };
  }, []);

  return (
    <article class="paper">
      <header class="paper-head">
        <h3>
          {title} <span class="file-name">{fileName}</span>
        </h3>
        <div class="paper-tools">
          {address && (
            <>
              <a class="button button-small" href={address} target="_blank" rel="noreferrer">
                <OutIcon />
                Open
              </a>
              <a class="button button-small" href={address} download={fileName}>
                <DownIcon />
                Save
              </a>
            </>
          )}
          {onClose && (
            <button type="button" class="button button-small" onClick={onClose}>
              <CrossIcon />
              Back to the mail
            </button>
          )}
        </div>
      </header>
      {problem && <p class="notice notice-bad">{problem}</p>}
      {!pdf && !problem && <p class="viewer-empty">Opening …</p>}
      {pdf &&
        Array.from({ length: pdf.numPages }, (_, index) => <PdfPage key={index} pdf={pdf} number={index + 1} onProblem={setProblem} />)}
    </article>
  );
}

function PdfPage({ pdf, number, onProblem }: { pdf: PDFDocumentProxy; number: number; onProblem(text: string): void }) {
  const holder = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [text, setText] = useState("");

  useEffect(() => {
    let last = 0;
    let drawing = Promise.resolve();
    let gone = false;
    /** A view that was closed meanwhile has nobody to tell. */
    const tell = (error: unknown) => {
      if (!gone) onProblem(`Page ${number} cannot be shown: ${(error as Error).message}`);
    };
    const observer = new ResizeObserver(() => {
      const width = Math.floor(holder.current?.clientWidth ?? 0);
      if (width === 0 || width === last) return;
      last = width;
      // One drawing at a time: pdf.js refuses two on one canvas.
      drawing = drawing.then(async () => {
        if (width === last && canvas.current) await draw(pdf, number, canvas.current, width).catch(tell);
      });
    });
    if (holder.current) observer.observe(holder.current);
    textOf(pdf, number).then(setText, tell);
    return () => {
      gone = true;
      observer.disconnect();
    };
  }, [pdf, number]);

  return (
    <div class="pdf-page" ref={holder}>
      <canvas ref={canvas} role="img" aria-label={`Page ${number} of ${pdf.numPages}`} />
      <div class="visually-hidden pdf-text">{text}</div>
    </div>
  );
}

async function draw(pdf: PDFDocumentProxy, number: number, canvas: HTMLCanvasElement, width: number): Promise<void> {
  const page = await pdf.getPage(number);
  const density = Math.max(2, window.devicePixelRatio);
  const viewport = page.getViewport({ scale: (width / page.getViewport({ scale: 1 }).width) * density });
  canvas.width = Math.round(viewport.width);
  canvas.height = Math.round(viewport.height);
  await page.render({ canvas, viewport }).promise;
}

async function textOf(pdf: PDFDocumentProxy, number: number): Promise<string> {
  const { items } = await (await pdf.getPage(number)).getTextContent();
  return items.map((item) => ("str" in item ? `${item.str}${item.hasEOL ? "\n" : ""}` : "")).join(" ");
}
