/** The HTTP server on the stack's one public port. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { LOOPBACK } from "../emulators/ports.ts";
import { StartError } from "../errors.ts";
import { gatewayAnswer, type HttpRequest, type HttpResponse } from "./event.ts";

/** HTTP APIs refuse larger bodies. */
const BODY_LIMIT_BYTES = 10 * 1024 * 1024;

export type Respond = (request: HttpRequest) => Promise<HttpResponse>;

export type HttpServer = {
  port: number;
  /** Until it is called every request is answered 503. */
  serve(respond: Respond): void;
  stop(): Promise<void>;
};

/**
 * Listens on 127.0.0.1.
 * @param port 0 for any free one
 * @throws StartError when the port is taken
 */
export async function listen(port: number): Promise<HttpServer> {
  let respond: Respond = async () => gatewayAnswer(503, "Service Unavailable", { "retry-after": "1" });
  const server = createServer({ keepAlive: true }, (request, response) => {
    void handle(request, response, (read) => respond(read));
  });
  server.keepAliveTimeout = 60_000;
  // A request line or header that is not HTTP: API Gateway answers, it does not hang up.
  server.on("clientError", (_error, socket) => {
    if (socket.writable)
      socket.end('HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n{"message":"Bad Request"}');
  });
  return {
    port: await bind(server, port),
    serve(next) {
      respond = next;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        // Whoever is still waiting is waiting for functions that are being stopped.
        setTimeout(() => server.closeAllConnections(), 500).unref();
      }),
  };
}

function bind(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") {
        reject(new StartError(`port ${port} is already in use: choose another with --port N or PORT=N`));
        return;
      }
      reject(
        error.code === "EACCES"
          ? new StartError(`port ${port} may not be opened by this user: choose another with --port N or PORT=N`)
          : error,
      );
    });
    server.listen(port, LOOPBACK, () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : port);
    });
  });
}

async function handle(request: IncomingMessage, response: ServerResponse, respond: Respond): Promise<void> {
  try {
    const body = await readBody(request);
    const answer = body
      ? await respond({
          method: request.method ?? "GET",
          target: request.url ?? "/",
          rawHeaders: request.rawHeaders,
          body,
          httpVersion: request.httpVersion,
          sourceIp: request.socket.remoteAddress ?? LOOPBACK,
        })
      : gatewayAnswer(413, "Request Entity Too Large");
    write(response, answer);
  } catch {
    // The client went away while sending, or an answer could not be written.
    if (!response.headersSent) write(response, gatewayAnswer(500, "Internal Server Error"));
  }
}

/** @returns undefined when the body is over the limit; it is read to its end, so that the connection stays usable */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= BODY_LIMIT_BYTES) chunks.push(chunk);
  }
  return size <= BODY_LIMIT_BYTES ? Buffer.concat(chunks) : undefined;
}

const HOP_BY_HOP = new Set(["connection", "keep-alive", "transfer-encoding", "upgrade", "content-length"]);

function write(response: ServerResponse, { status, headers, body }: HttpResponse) {
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) if (!HOP_BY_HOP.has(name)) response.setHeader(name, value);
  if (status !== 204 && status !== 304) response.setHeader("content-length", body.length);
  response.end(body);
}
