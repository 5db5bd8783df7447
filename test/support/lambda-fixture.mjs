// A Lambda function that does what its event asks for, to see what an execution environment does with it.
let invocations = 0;

export const handler = async (event, context) => {
  invocations += 1;
  const { action, ms } = event;
  if (action === "throw") throw new TypeError("asked to fail");
  if (action === "exit") process.exit(3);
  if (action === "crash") {
    setTimeout(() => {
      throw new Error("outside the handler");
    }, 1);
    await new Promise(() => undefined);
  }
  if (action === "sleep") await new Promise((resolve) => setTimeout(resolve, ms));
  if (action === "log") console.log(JSON.stringify({ message: event.message }));
  if (action === "call") {
    const probe = globalThis[Symbol.for("bbws-order.probe")];
    await probe.before(event.call);
    await probe.after(event.call);
  }
  return { invocations, environment: { ...process.env }, context: { ...context, remaining: context.getRemainingTimeInMillis() } };
};
