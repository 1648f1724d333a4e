// A provider of tokens as a process: `node provider.mjs LIBRARY PORT`. Each line of standard input is a
// request: {"key": name} makes a key to sign with, {"claims": {…}, "kid": name} asks for a token.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [library, port] = process.argv.slice(2);
const { OAuth2Server } = await import(pathToFileURL(library));
const server = new OAuth2Server();
await server.start(Number(port), "127.0.0.1");
server.issuer.url = `http://127.0.0.1:${server.address().port}`;
console.log(server.issuer.url);

for await (const line of createInterface({ input: process.stdin })) {
  const { key, claims, kid } = JSON.parse(line);
  if (key) {
    await server.issuer.keys.generate("RS256", { kid: key });
    console.log(key);
  } else {
    const add = (_header, payload) => Object.assign(payload, claims);
    console.log(await server.issuer.buildToken({ kid, scopesOrTransform: add }));
  }
}
await server.stop();
