// Hashes and identifiers that need no https: `crypto.subtle` and `crypto.randomUUID` are missing on an intranet's plain http.
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { v7 } from "uuid";

/** The SHA-256 of bytes (Uint8Array) in lower-case hex. */
export const sha256Of = (bytes) => bytesToHex(sha256(bytes));

/** A new identifier; its beginning is the time, so that a day's records lie together in the server's index. */
export const newUuid = () => v7();
