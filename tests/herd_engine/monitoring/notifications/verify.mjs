// Says of each line of input, a message as it was received and a secret, whether the library takes it.
import { pathToFileURL } from "node:url";
import { createInterface } from "node:readline";

const { Webhook } = (await import(pathToFileURL(process.argv[2]).href)).default;
for await (const line of createInterface({ input: process.stdin })) {
  const { body, headers, secret } = JSON.parse(line);
  try {
    console.log(JSON.stringify({ event: new Webhook(secret).verify(Buffer.from(body, "base64"), headers) }));
  } catch (error) {
    console.log(JSON.stringify({ refused: error.message }));
  }
}
