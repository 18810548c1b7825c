// How the messages of one RPC begin: with the same ids and settings, as a rule, which need not be read fifty times a second.
// It is all that an RPC which waits keeps of its messages, so their bytes lie beside those of other RPCs: an array of one's
// own is three times as large as what it would hold.

/** Most leads are ids of 36 characters; longer ones have an array of their own. */
const SLOT_BYTES = 128;
const PAGE_SLOTS = 64;

/** Longer leads than these are read anew each time. */
const MAX_BYTES = 1024;

const NOTHING = new Uint8Array(0);

/** What a lead says. */
export interface LeadTexts {
  readonly conversationId: string;
  readonly organization: string;
  readonly agentId: string;
  readonly allowPartialResponses: boolean;
  readonly vendorConfig: string;
}

/** How the messages of one RPC begin. */
export interface RequestLead extends LeadTexts {
  /** How many bytes are known; 0 when a message has to be read from its beginning. */
  readonly length: number;
  /** Whether a message of at least as many bytes begins with them. */
  leads(bytes: Uint8Array, start: number): boolean;
  /** From `start` to before `end` there is nothing but these. */
  keep(texts: LeadTexts, bytes: Uint8Array, start: number, end: number): void;
  /** The next message has to be read from its beginning. */
  forget(): void;
  /** The RPC is over: nothing more is read of it. */
  release(): void;
}

/** Where the bytes of leads lie. What the RPCs that were open at once have needed is kept for those that come. */
class Pages {
  readonly #pages: Uint8Array[] = [];
  readonly #free: number[] = [];

  /** Gives a slot that nobody has. */
  take(): number {
    if (this.#free.length === 0) {
      const first = this.#pages.length * PAGE_SLOTS;
      this.#pages.push(new Uint8Array(PAGE_SLOTS * SLOT_BYTES));
      for (let slot = first + PAGE_SLOTS - 1; slot >= first; slot -= 1) this.#free.push(slot);
    }
    return this.#free.pop() ?? 0;
  }

  giveBack(slot: number): void {
    this.#free.push(slot);
  }

  pageOf(slot: number): Uint8Array {
    return this.#pages[Math.floor(slot / PAGE_SLOTS)] ?? NOTHING;
  }
}

class Lead implements RequestLead {
  readonly #pages: Pages;
  conversationId = '';
  organization: string;
  agentId: string;
  allowPartialResponses = false;
  vendorConfig: string;
  length = 0;
  /** Where the bytes are: in the slot of a page, or in an array of their own. */
  #bytes: Uint8Array = NOTHING;
  #slot: number | undefined;

  /** `like`: that of another RPC. Calls of one customer have texts in common, which are kept once. */
  constructor(pages: Pages, like: LeadTexts | undefined) {
    this.#pages = pages;
    this.organization = like?.organization ?? '';
    this.agentId = like?.agentId ?? '';
    this.vendorConfig = like?.vendorConfig ?? '';
  }

  get #at(): number {
    return this.#slot === undefined ? 0 : (this.#slot % PAGE_SLOTS) * SLOT_BYTES;
  }

  leads(bytes: Uint8Array, start: number): boolean {
    const known = this.#bytes;
    const at = this.#at;
    for (let index = this.length - 1; index >= 0; index -= 1) {
      if (bytes[start + index] !== known[at + index]) return false;
    }
    return true;
  }

  keep(texts: LeadTexts, bytes: Uint8Array, start: number, end: number): void {
    this.conversationId = texts.conversationId;
    this.organization = texts.organization;
    this.agentId = texts.agentId;
    this.allowPartialResponses = texts.allowPartialResponses;
    this.vendorConfig = texts.vendorConfig;
    const length = end - start;
    if (length === 0 || length > MAX_BYTES) return;
    this.#makeRoom(length);
    this.#bytes.set(bytes.subarray(start, end), this.#at);
    this.length = length;
  }

  #makeRoom(length: number): void {
    if (length > SLOT_BYTES) {
      this.#leaveSlot();
      if (this.#bytes.length < length) this.#bytes = new Uint8Array(length);
    } else if (this.#slot === undefined) {
      this.#slot = this.#pages.take();
      this.#bytes = this.#pages.pageOf(this.#slot);
    }
  }

  #leaveSlot(): void {
    if (this.#slot === undefined) return;
    this.#pages.giveBack(this.#slot);
    this.#slot = undefined;
    this.#bytes = NOTHING;
  }

  forget(): void {
    this.length = 0;
  }

  release(): void {
    this.forget();
    this.#leaveSlot();
  }
}

/** Makes leads of RPCs; `like` is one of another RPC. */
export function createLeads(): (like: LeadTexts | undefined) => RequestLead {
  const pages = new Pages();
  return (like) => new Lead(pages, like);
}
