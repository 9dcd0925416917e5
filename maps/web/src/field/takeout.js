// The whole outbox as one file, for a phone that will never reach the server again. `gridfield import --outbox` reads it, and
// what the server has already is not there twice afterwards: it is the same bytes under the same names.
import { Zip, ZipDeflate, ZipPassThrough, strToU8 } from "fflate";

const VERSION = 1;
const ENDINGS = { "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp" };
const README = `网格责任田：手机上的发件箱
请把本文件交给管理员，由其运行：gridfield import --outbox 本文件 --as 登录名

Gridfield: the outbox of a phone
Give this file to an admin, who runs: gridfield import --outbox FILE --as LOGIN

records.jsonl  每行一条记录 · one record a line; "body" is exactly what is sent
photos/        照片，以其 SHA-256 命名 · photographs, each under its SHA-256
`;

/** A Blob; one photo at a time is in memory. */
export async function takeOut(ledger, about) {
  const { records, photos } = await ledger.all();
  const file = new Writer();
  file.add("README.txt", strToU8(README));
  file.add("outbox.json", strToU8(JSON.stringify({ format: "gridfield-outbox", version: VERSION, ...about, records: records.length })));
  file.add("records.jsonl", strToU8(records.map(line).join("")));
  for (const photo of photos.values()) {
    const bytes = photo.released ? null : await ledger.bytes(photo.sha256);
    if (bytes) file.add(`photos/${photo.sha256}.${ENDINGS[photo.type] ?? "bin"}`, bytes, { packed: true });
  }
  const blob = file.end();
  await ledger.takenOut(records.map(({ uuid }) => uuid), about.at);
  return blob;
}

function line({ uuid, layer, title, owner, sha256, body, state, reason, added_at, receipt, photos }) {
  const received_at = receipt?.received_at ?? null;
  return `${JSON.stringify({ uuid, layer, title, owner, sha256, body, state, reason, added_at, received_at, photos: photos.map((photo) => photo.sha256) })}\n`;
}

class Writer {
  #parts = [];

  constructor() {
    this.zip = new Zip((error, chunk) => {
      if (error) throw error;
      this.#parts.push(new Blob([chunk])); // a Blob may be on the disk, an array is in memory
    });
  }

  /** `packed` for what gets no smaller. */
  add(name, bytes, { packed = false } = {}) {
    const entry = packed ? new ZipPassThrough(name) : new ZipDeflate(name);
    this.zip.add(entry);
    entry.push(bytes, true);
  }

  end() {
    this.zip.end();
    return new Blob(this.#parts, { type: "application/zip" });
  }
}
