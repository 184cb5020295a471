// A server of the test's own, on a port of its own.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";

const program = process.env.ANTIPHON_PROGRAM;

async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  return port;
}

export class TestServer {
  constructor(options) {
    this.options = options; // flags of `antiphon serve`
    this.log = "";
  }

  static async start(...options) {
    const server = new TestServer(options);
    server.port = await freePort();
    await server.start();
    return server;
  }

  get url() {
    return `http://127.0.0.1:${this.port}/`;
  }

  // On the same port, also after a stop.
  async start() {
    const flags = ["serve", "--models", "small", "--port", String(this.port), ...this.options];
    this.process = spawn(program, flags, { stdio: ["ignore", "ignore", "pipe"] });
    this.process.stderr.on("data", (text) => {
      this.log += text;
    });
    const exited = once(this.process, "exit");
    for (;;) {
      const died = await Promise.race([exited, new Promise((resolve) => setTimeout(resolve, 50))]);
      if (died) throw new Error(`the server ended: ${this.log}`);
      const ready = await fetch(`${this.url}readyz`).catch(() => null);
      if (ready?.ok) return;
    }
  }

  async stop(signal = "SIGKILL") {
    const exited = once(this.process, "exit");
    this.process.kill(signal);
    await exited;
  }
}
