/** The four queue consumers and the two readers of the table's stream. */
import { apiUrl } from "./api.ts";
import { stage } from "./context.ts";
import { createFunction } from "./functions.ts";
import { changesDeadLetters, queues } from "./queues.ts";
import { numberingQueue, type QueueName, queues as queueSettings, type StreamReaderName, streamReaders } from "./settings.ts";
import { ordersTable } from "./table.ts";

for (const name of Object.keys(queueSettings) as QueueName[]) consume(name);
for (const name of Object.keys(streamReaders) as StreamReaderName[]) readStream(name);

function consume(name: QueueName) {
  const { consumer, batchSize, maxConcurrency } = queueSettings[name];
  const handler = createFunction(consumer, apiUrl);
  queues[name].subscribe(handler.arn, {
    batch: { size: batchSize, partialResponses: true },
    transform: {
      eventSourceMapping: (args, opts) => {
        // The mapping's own limit: reserved concurrency would throttle, and throttled receives burn retries.
        args.scalingConfig = { maximumConcurrency: maxConcurrency };
        // While a stage stands by, the counters may be behind: accepted orders wait in the queue.
        if (name === numberingQueue) args.enabled = stage.active;
        opts.dependsOn = handler.nodes.role;
      },
    },
  });
}

function readStream(name: StreamReaderName) {
  const { batchSize, parallelization, retries, filters } = streamReaders[name];
  const handler = createFunction(name, apiUrl);
  ordersTable.subscribe(name, handler.arn, {
    filters: [...filters],
    transform: {
      eventSourceMapping: (args, opts) => {
        args.enabled = stage.active;
        args.batchSize = batchSize;
        // SST starts at LATEST, which would skip what is written between the table's creation and the mapping's.
        args.startingPosition = "TRIM_HORIZON";
        args.parallelizationFactor = parallelization;
        args.maximumRetryAttempts = retries;
        args.bisectBatchOnFunctionError = true;
        args.functionResponseTypes = ["ReportBatchItemFailures"];
        args.destinationConfig = { onFailure: { destinationArn: changesDeadLetters.arn } };
        opts.dependsOn = handler.nodes.role;
      },
    },
  });
}
