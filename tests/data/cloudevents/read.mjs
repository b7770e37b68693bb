// Reads events, one a line, as a receiver with the CloudEvents SDK does: strictly. Prints what it understood.
import { HTTP } from "cloudevents";
import { createInterface } from "node:readline";

for await (const line of createInterface({ input: process.stdin })) {
  const event = HTTP.toEvent({ headers: { "content-type": "application/cloudevents+json" }, body: line });
  event.validate();
  console.log(JSON.stringify({ id: event.id, type: event.type, dataschema: event.dataschema, data: event.data }));
}
