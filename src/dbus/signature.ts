/** One complete D-Bus type, parsed. */
export type BusType =
  | { readonly is: "basic"; readonly code: string }
  | { readonly is: "variant" }
  | { readonly is: "array"; readonly item: BusType }
  | { readonly is: "dict"; readonly key: string; readonly value: BusType }
  | { readonly is: "struct"; readonly members: readonly BusType[] };

const basicCodes = "ybnqiuxtdsog";
const maxSignatureLength = 255;
/** @see D-Bus Specification, "Valid Signatures": 32 arrays and 32 structs deep at most. */
const maxDepth = 32;

class Parser {
  #at = 0;

  constructor(private readonly signature: string) {}

  all(): readonly BusType[] {
    if (this.signature.length > maxSignatureLength) throw new TypeError("signature longer than 255 characters");
    const types: BusType[] = [];
    while (this.#at < this.signature.length) types.push(this.#one(0, 0));
    return types;
  }

  #one(arrays: number, structs: number): BusType {
    const code = this.signature[this.#at++] ?? "";
    if (arrays > maxDepth || structs > maxDepth) throw this.#bad("nested too deeply");
    if (code === "v") return { is: "variant" };
    if (code !== "" && basicCodes.includes(code)) return { is: "basic", code };
    if (code === "(") return this.#struct(arrays, structs + 1);
    if (code !== "a") throw this.#bad(code === "h" ? "file descriptors are not supported" : "no such type");
    if (this.signature[this.#at] !== "{") return { is: "array", item: this.#one(arrays + 1, structs) };
    this.#at++;
    return this.#dict(arrays + 1, structs + 1);
  }

  #struct(arrays: number, structs: number): BusType {
    const members: BusType[] = [];
    while (this.signature[this.#at] !== ")") members.push(this.#one(arrays, structs));
    this.#at++;
    if (members.length === 0) throw this.#bad("empty struct");
    return { is: "struct", members };
  }

  #dict(arrays: number, structs: number): BusType {
    const key = this.#one(arrays, structs);
    if (key.is !== "basic") throw this.#bad("dictionary key is not a basic type");
    const value = this.#one(arrays, structs);
    if (this.signature[this.#at++] !== "}") throw this.#bad("dictionary entry is not closed");
    return { is: "dict", key: key.code, value };
  }

  #bad(why: string): TypeError {
    return new TypeError(`signature ${JSON.stringify(this.signature)}: ${why} at ${this.#at - 1}`);
  }
}

/** @throws TypeError when the signature is not valid, or asks for a file descriptor. */
export const parseSignature = (signature: string): readonly BusType[] => new Parser(signature).all();
