/** Certificates of a small authority, made by openssl(1). */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

export class Authority {
  #serial = 0;

  private constructor(private readonly folder: string) {}

  static async make(t: { teardown(close: () => Promise<void>): void }): Promise<Authority> {
    const folder = await mkdtemp(join(tmpdir(), "wwand-ca-"));
    t.teardown(() => rm(folder, { recursive: true, force: true }));
    const files = ["-keyout", join(folder, "ca.key"), "-out", join(folder, "ca.pem")];
    await run("openssl", ["req", "-x509", ...curve, ...files, "-days", "30", "-subj", "/CN=Test authority"]);
    return new Authority(folder);
  }

  /** PEM, for the key `ca` of a target. */
  get file(): string {
    return join(this.folder, "ca.pem");
  }

  /** @param names `DNS:gw.example`, `IP:192.0.2.1`. @param validFrom ASN.1 time; for 30 days from then. */
  async issue(names: string, validFrom?: Date): Promise<Certificate> {
    this.#serial += 1;
    const base = join(this.folder, String(this.#serial));
    await run("openssl", ["req", "-new", ...curve, "-keyout", `${base}.key`, "-out", `${base}.csr`, "-subj", "/CN=x"]);
    await writeFile(`${base}.ext`, `subjectAltName=${names}\n`);
    await writeFile(join(this.folder, "index.txt"), "");
    await writeFile(
      join(this.folder, "ca.cnf"),
      `[ca]\ndefault_ca=d\n[d]\nnew_certs_dir=${this.folder}\ndatabase=${this.folder}/index.txt\ndefault_md=sha256\nrand_serial=yes\npolicy=p\n[p]\ncommonName=supplied\n`,
    );
    const from = validFrom ?? new Date(Date.now() - 86_400_000);
    const until = new Date(from.getTime() + 30 * 86_400_000);
    const files = ["-config", join(this.folder, "ca.cnf"), "-cert", this.file, "-keyfile", join(this.folder, "ca.key")];
    const times = ["-startdate", asn1(from), "-enddate", asn1(until)];
    const out = ["-in", `${base}.csr`, "-out", `${base}.pem`, "-extfile", `${base}.ext`];
    await run("openssl", ["ca", "-batch", "-notext", ...files, ...times, ...out]);
    return { key: await readFile(`${base}.key`, "utf8"), cert: await readFile(`${base}.pem`, "utf8") };
  }
}

const asn1 = (date: Date): string => `${date.toISOString().replace(/[-:T]/g, "").slice(0, 14)}Z`;
